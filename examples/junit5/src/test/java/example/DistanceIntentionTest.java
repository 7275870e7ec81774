package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DistanceIntentionTest {
    @Test
    void distance() {
        Work.millis(200);
        assertEquals(5, Words.distance("intention", "execution"));
    }

    @Test
    void isSymmetric() {
        Work.millis(200);
        assertEquals(5, Words.distance("execution", "intention"));
    }
}
