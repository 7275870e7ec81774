package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeGliderTest {
    private static final Life GLIDER = Life.of(".#....", "..#...", "###...", "......", "......", "......");

    @Test
    void movesDown() {
        Work.millis(700);
        Life moved = GLIDER;
        for (int step = 0; step < 24; step++) {
            moved = moved.next();
        }
        assertEquals(GLIDER.toString(), moved.toString());
    }
}
