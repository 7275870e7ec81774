package odd;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

/** Leaves a thread that prints while the next class runs, and the one thread of the common pool. */
class LateTest {
    static final CountDownLatch NEXT = new CountDownLatch(1);
    static Thread late;

    @Test
    void leavesAThread() throws Exception {
        inCommonPool(() -> {});
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

    /** Runs it in a thread of the common pool, and not in one that helps out. */
    static void inCommonPool(Runnable what) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        ForkJoinPool.commonPool().execute(() -> {
            what.run();
            done.countDown();
        });
        done.await();
    }
}
