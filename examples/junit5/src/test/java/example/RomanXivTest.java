package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanXivTest {
    @Test
    void isWritten() {
        Work.millis(50);
        assertEquals("XIV", Roman.of(14));
    }
}
