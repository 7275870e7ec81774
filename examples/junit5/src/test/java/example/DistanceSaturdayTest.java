package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DistanceSaturdayTest {
    @Test
    void distance() {
        Work.millis(80);
        assertEquals(3, Words.distance("saturday", "sunday"));
    }

    @Test
    void isSymmetric() {
        Work.millis(80);
        assertEquals(3, Words.distance("sunday", "saturday"));
    }
}
