package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RomanRangeTest {
    @ParameterizedTest
    @CsvSource({"1, I", "3999, MMMCMXCIX"})
    void limits(int number, String text) {
        Work.millis(20);
        assertEquals(text, Roman.of(number));
    }

    @Test
    void zero() {
        Work.millis(10);
        assertThrows(IllegalArgumentException.class, () -> Roman.of(0));
    }
}
