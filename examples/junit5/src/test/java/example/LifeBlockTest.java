package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeBlockTest {
    private static final Life BLOCK = Life.of("......", "..##..", "..##..", "......");

    @Test
    void comesBack() {
        Work.millis(200);
        Work.print(getClass(), 4, 50);
        assertEquals(BLOCK.toString(), BLOCK.next().toString());
    }
}
