package odd;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BeforeTest {
    @BeforeAll
    static void before() {
        System.out.println("before speaks");
        throw new IllegalStateException("cannot begin");
    }

    @Test
    void unreached() {}
}
