package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueensImpossibleTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void none(int size) {
        Work.millis(40);
        assertEquals(0, Queens.solutions(size));
    }
}
