package example;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrimesNoneTest {
    @ParameterizedTest
    @ValueSource(ints = {-7, 0, 1, 4, 9, 91})
    void isNone(int number) {
        Work.millis(10);
        assertFalse(Primes.isPrime(number));
    }
}
