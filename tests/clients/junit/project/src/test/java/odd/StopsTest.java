package odd;

import org.junit.jupiter.api.Test;

/** Leaves a thread running that is no daemon. */
class StopsTest {
    @Test
    void leavesAThread() {
        new Thread(() -> {
            while (true) {
                java.util.concurrent.locks.LockSupport.park();
            }
        }).start();
    }
}
