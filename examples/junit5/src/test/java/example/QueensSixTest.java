package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QueensSixTest {
    @Test
    void count() {
        Work.millis(120);
        assertEquals(4, Queens.solutions(6));
    }
}
