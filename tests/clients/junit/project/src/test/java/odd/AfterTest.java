package odd;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class AfterTest {
    @AfterAll
    static void after() {
        Assertions.fail("cannot end");
    }

    @Test
    void one() {}
}
