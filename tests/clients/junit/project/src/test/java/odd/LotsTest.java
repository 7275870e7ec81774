package odd;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

@TestMethodOrder(MethodOrderer.MethodName.class)
class LotsTest {
    @Test
    void prints() {
        for (int line = 0; line < 10_000; line++) {
            System.out.println("line " + line + " \u20ac".repeat(20));
        }
        Assertions.fail("enough");
    }

    /** A character at the border of two pieces is not torn. */
    @Test
    void printsBytes() {
        for (byte each : "\u20ac".repeat(30_000).getBytes(StandardCharsets.UTF_8)) {
            System.out.write(each);
        }
    }
}
