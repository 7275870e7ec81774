package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanCdxlivTest {
    @Test
    void isWritten() {
        Work.millis(180);
        assertEquals("CDXLIV", Roman.of(444));
    }
}
