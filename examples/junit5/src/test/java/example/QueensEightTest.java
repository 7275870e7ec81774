package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QueensEightTest {
    @Test
    void count() {
        Work.millis(900);
        assertEquals(92, Queens.solutions(8));
    }
}
