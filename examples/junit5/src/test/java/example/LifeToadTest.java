package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeToadTest {
    private static final Life TOAD = Life.of("......", "......", "..###.", ".###..", "......", "......");

    @Test
    void comesBack() {
        Work.millis(350);
        Work.print(getClass(), 4, 50);
        assertEquals(TOAD.toString(), TOAD.next().next().toString());
    }
}
