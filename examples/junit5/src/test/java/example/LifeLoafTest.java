package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeLoafTest {
    private static final Life LOAF = Life.of(".......", "..##...", ".#..#..", "..#.#..", "...#...", ".......");

    @Test
    void comesBack() {
        Work.millis(500);
        Work.print(getClass(), 4, 50);
        assertEquals(LOAF.toString(), LOAF.next().toString());
    }
}
