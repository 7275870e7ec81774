package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanXlixTest {
    @Test
    void isWritten() {
        Work.millis(70);
        assertEquals("XLIX", Roman.of(49));
    }
}
