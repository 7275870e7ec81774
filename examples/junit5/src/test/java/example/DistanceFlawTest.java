package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DistanceFlawTest {
    @Test
    void distance() {
        Work.millis(20);
        assertEquals(2, Words.distance("flaw", "lawn"));
    }

    @Test
    void isSymmetric() {
        Work.millis(20);
        assertEquals(2, Words.distance("lawn", "flaw"));
    }
}
