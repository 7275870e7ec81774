package odd;

import org.junit.jupiter.api.Test;

class MemoryTest {
    @Test
    void runsOut() {
        System.out.println("too much");
        throw new OutOfMemoryError("on purpose");
    }
}
