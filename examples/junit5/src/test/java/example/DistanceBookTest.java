package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DistanceBookTest {
    @Test
    void distance() {
        Work.millis(10);
        assertEquals(2, Words.distance("book", "back"));
    }

    @Test
    void isSymmetric() {
        Work.millis(10);
        assertEquals(2, Words.distance("back", "book"));
    }
}
