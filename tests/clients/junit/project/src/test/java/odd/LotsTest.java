package odd;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class LotsTest {
    @Test
    void prints() {
        for (int line = 0; line < 10_000; line++) {
            System.out.println("line " + line + " \u20ac".repeat(20));
        }
        Assertions.fail("enough");
    }
}
