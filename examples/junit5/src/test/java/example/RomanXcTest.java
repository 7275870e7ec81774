package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanXcTest {
    @Test
    void isWritten() {
        Work.millis(110);
        assertEquals("XC", Roman.of(90));
    }
}
