package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DistanceKittenTest {
    @Test
    void distance() {
        Work.millis(40);
        assertEquals(3, Words.distance("kitten", "sitting"));
    }

    @Test
    void isSymmetric() {
        Work.millis(40);
        assertEquals(3, Words.distance("sitting", "kitten"));
    }
}
