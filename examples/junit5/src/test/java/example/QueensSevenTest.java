package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QueensSevenTest {
    @Test
    void count() {
        Work.millis(250);
        assertEquals(40, Queens.solutions(7));
    }
}
