package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrimesSecondTest {
    @Test
    void ends() {
        Work.millis(45);
        assertTrue(Primes.isPrime(13));
        assertTrue(Primes.isPrime(31));
    }

    @Test
    void product() {
        Work.millis(45);
        assertEquals(List.of(13, 31), Primes.factors(13 * 31));
    }
}
