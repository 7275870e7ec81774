package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanLongestTest {
    @Test
    void isWritten() {
        Work.millis(450);
        assertEquals("MMMDCCCLXXXVIII", Roman.of(3888));
    }
}
