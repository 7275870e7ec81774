package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeBeehiveTest {
    private static final Life BEEHIVE = Life.of("......", "..##..", ".#..#.", "..##..", "......");

    @Test
    void comesBack() {
        Work.millis(100);
        Work.print(getClass(), 4, 50);
        assertEquals(BEEHIVE.toString(), BEEHIVE.next().toString());
    }
}
