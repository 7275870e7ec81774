package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrimesThirdTest {
    @Test
    void ends() {
        Work.millis(70);
        assertTrue(Primes.isPrime(37));
        assertTrue(Primes.isPrime(61));
    }

    @Test
    void product() {
        Work.millis(70);
        assertEquals(List.of(37, 61), Primes.factors(37 * 61));
    }
}
