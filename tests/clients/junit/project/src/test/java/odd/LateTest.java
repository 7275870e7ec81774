package odd;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Leaves a thread that prints while the next class runs. */
class LateTest {
    static final CountDownLatch NEXT = new CountDownLatch(1);
    static Thread late;

    @Test
    void leavesAThread() {
        late = new Thread(() -> {
            try {
                NEXT.await();
            } catch (InterruptedException error) {
                throw new IllegalStateException(error);
            }
            System.out.println("<LateTest>");
        });
        late.setDaemon(true);
        late.start();
    }
}
