package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeBlinkerTest {
    private static final Life BLINKER = Life.of(".....", "..#..", "..#..", "..#..", ".....");

    @Test
    void comesBack() {
        Work.millis(300);
        Work.print(getClass(), 4, 50);
        assertEquals(BLINKER.toString(), BLINKER.next().next().toString());
    }
}
