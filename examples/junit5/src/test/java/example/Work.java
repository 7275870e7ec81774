package example;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.stream.IntStream;

/** Tests that take as long as a real program's, and print as much. */
final class Work {
    private static final double SCALE = Double.parseDouble(System.getenv().getOrDefault("EXAMPLE_SCALE", "1"));
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Work() {}

    /** Works for so many milliseconds of processor time. */
    static void millis(int count) {
        long end = THREADS.getCurrentThreadCpuTime() + (long) (count * SCALE * 1e6);
        for (int number = 1; THREADS.getCurrentThreadCpuTime() < end; number++) {
            Primes.factors(number % 10_000 + 1);
        }
    }

    /** Prints lines from several threads at the same time. Each says which class it belongs to. */
    static void print(Class<?> test, int threads, int lines) {
        Runnable talk = () -> IntStream.range(0, lines).forEach(line ->
                (line % 2 == 0 ? System.out : System.err).println("<" + test.getSimpleName() + "> line " + line));
        Thread[] all = IntStream.range(0, threads).mapToObj(each -> new Thread(talk)).toArray(Thread[]::new);
        for (Thread each : all) {
            each.start();
        }
        for (Thread each : all) {
            try {
                each.join();
            } catch (InterruptedException error) {
                throw new IllegalStateException(error);
            }
        }
    }
}
