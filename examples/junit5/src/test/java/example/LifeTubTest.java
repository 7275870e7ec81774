package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeTubTest {
    private static final Life TUB = Life.of(".....", "..#..", ".#.#.", "..#..", ".....");

    @Test
    void comesBack() {
        Work.millis(600);
        Work.print(getClass(), 4, 50);
        assertEquals(TUB.toString(), TUB.next().toString());
    }
}
