package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanIvTest {
    @Test
    void isWritten() {
        Work.millis(30);
        assertEquals("IV", Roman.of(4));
    }
}
