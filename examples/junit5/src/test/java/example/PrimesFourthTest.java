package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrimesFourthTest {
    @Test
    void ends() {
        Work.millis(105);
        assertTrue(Primes.isPrime(67));
        assertTrue(Primes.isPrime(97));
    }

    @Test
    void product() {
        Work.millis(105);
        assertEquals(List.of(67, 97), Primes.factors(67 * 97));
    }
}
