package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QueensFiveTest {
    @Test
    void count() {
        Work.millis(60);
        assertEquals(10, Queens.solutions(5));
    }
}
