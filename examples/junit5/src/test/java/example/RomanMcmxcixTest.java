package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RomanMcmxcixTest {
    @Test
    void isWritten() {
        Work.millis(280);
        assertEquals("MCMXCIX", Roman.of(1999));
    }
}
