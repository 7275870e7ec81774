package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrimesFifthTest {
    @Test
    void ends() {
        Work.millis(165);
        assertTrue(Primes.isPrime(101));
        assertTrue(Primes.isPrime(149));
    }

    @Test
    void product() {
        Work.millis(165);
        assertEquals(List.of(101, 149), Primes.factors(101 * 149));
    }
}
