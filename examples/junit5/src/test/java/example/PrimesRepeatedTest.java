package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.RepeatedTest;

class PrimesRepeatedTest {
    @RepeatedTest(8)
    void factors() {
        Work.millis(25);
        assertEquals(List.of(2, 2, 3), Primes.factors(12));
    }
}
