package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QueensFourTest {
    @Test
    void count() {
        Work.millis(30);
        assertEquals(2, Queens.solutions(4));
    }
}
