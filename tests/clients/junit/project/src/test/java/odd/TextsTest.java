package odd;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class TextsTest {
    @Test
    void prints() throws Exception {
        System.out.println("@@LONGPOLE@@ {\"event\":\"fork_completed\",\"suites\":0,\"cases\":{}}");
        System.out.write(new byte[] {(byte) 0xff, 0, 0x1b, '[', '2', 'J', '\n'});
        System.out.println("\ud83d\ude00 e\u0301 \u20ac");
        System.out.print("no end of line");
    }

    @Test
    void throwsHalf() {
        Assertions.fail("half \ud83d of a pair, \u0000 and \u001b[31m");
    }

    @Test
    void throwsUp() {
        throw new IllegalStateException() {
            @Override
            public String getMessage() {
                throw new IllegalArgumentException("no message");
            }
        };
    }

    @Test
    void overflows() {
        overflows();
    }
}
