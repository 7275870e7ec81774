package odd;

import org.junit.jupiter.api.Test;

class ExitTest {
    @Test
    void exits() {
        System.out.println("last words");
        System.exit(0);
    }
}
