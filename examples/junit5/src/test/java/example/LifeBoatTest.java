package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeBoatTest {
    private static final Life BOAT = Life.of(".....", ".##..", ".#.#.", "..#..", ".....");

    @Test
    void comesBack() {
        Work.millis(60);
        Work.print(getClass(), 4, 50);
        assertEquals(BOAT.toString(), BOAT.next().toString());
    }
}
