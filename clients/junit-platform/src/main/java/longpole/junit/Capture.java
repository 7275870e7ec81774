package longpole.junit;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;

/**
 * System.out and System.err of the tests. What a thread prints belongs to the suite that it runs; a thread that was
 * started by another belongs to the suite of that one. A suite that has completed prints no more: what its threads
 * still print belongs to nobody. Threads of the common pool work for everybody, so what they print belongs to the suite
 * in work if there is one, and to nobody if there are several.
 */
final class Capture extends OutputStream {
    /** What a thread runs: a suite, and the output of the test, which is null outside of tests. */
    record Scope(Suite suite, Output ofTest) {}

    static final InheritableThreadLocal<Scope> CURRENT = new InheritableThreadLocal<>();
    private final Fork fork;

    private Capture(Fork fork) {
        this.fork = fork;
    }

    static void install(Fork fork) {
        PrintStream stream = new Stream(new Capture(fork));
        System.setOut(stream);
        System.setErr(stream);
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
        Scope scope = CURRENT.get();
        Suite suite = scope == null ? null : scope.suite();
        Output ofTest = scope == null ? null : scope.ofTest();
        if (Thread.currentThread() instanceof ForkJoinWorkerThread worker
                && worker.getPool() == ForkJoinPool.commonPool()) {
            Suite[] inWork = fork.open().toArray(new Suite[0]);
            suite = inWork.length == 1 ? inWork[0] : null;
            ofTest = null;
        }
        if (suite == null || !suite.print(ofTest, bytes, from, count)) {
            fork.print(bytes, from, count);
        }
    }

    /** A stream that a test cannot close for those after it. */
    private static final class Stream extends PrintStream {
        Stream(OutputStream out) {
            super(out, true, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            flush();
        }
    }
}
