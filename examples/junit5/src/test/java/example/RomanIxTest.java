package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanIxTest {
    @Test
    void isWritten() {
        Work.millis(30);
        assertEquals("IX", Roman.of(9));
    }
}
