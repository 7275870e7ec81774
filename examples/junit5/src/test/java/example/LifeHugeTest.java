package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LifeHugeTest {
    @Test
    void isFast() {
        Assumptions.assumeTrue("1".equals(System.getenv("EXAMPLE_HUGE")), "only with EXAMPLE_HUGE=1");
        assertEquals(14_200, Queens.solutions(12));
    }
}
