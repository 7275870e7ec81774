package odd;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Prints the name of a class from the caller and from threads that it starts, one of which is started by a thread. */
final class Talk {
    /** With three classes at a time, each waits for the others: their threads do print at the same time. */
    static final CountDownLatch ALL = new CountDownLatch(Integer.getInteger("together", 0));

    private Talk() {}

    static void talk(Class<?> test) throws Exception {
        ALL.countDown();
        if (!ALL.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("not at the same time");
        }
        Runnable lines = () -> {
            for (int line = 0; line < 200; line++) {
                (line % 2 == 0 ? System.out : System.err).println("<" + test.getSimpleName() + ">");
            }
        };
        Thread one = new Thread(lines);
        Thread other = new Thread(() -> {
            Thread third = new Thread(lines);
            third.start();
            try {
                third.join();
            } catch (InterruptedException error) {
                throw new IllegalStateException(error);
            }
        });
        one.start();
        other.start();
        lines.run();
        one.join();
        other.join();
    }
}
