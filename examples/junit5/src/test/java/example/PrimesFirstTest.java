package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrimesFirstTest {
    @Test
    void ends() {
        Work.millis(30);
        assertTrue(Primes.isPrime(2));
        assertTrue(Primes.isPrime(11));
    }

    @Test
    void product() {
        Work.millis(30);
        assertEquals(List.of(2, 11), Primes.factors(2 * 11));
    }
}
