package longpole.junit;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** What this process tells Longpole: lines of protocol version 1 on the real standard output, each in one write. */
final class Fork {
    static final boolean TELLS = "1".equals(System.getenv("LONGPOLE_PROTOCOL"));
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final PrintStream REST = System.err;
    private static Fork fork;

    private final Map<String, Suite> suites = new ConcurrentHashMap<>();
    private final Set<Suite> open = ConcurrentHashMap.newKeySet();
    private final Output unattributed = new Output();
    private final Map<String, Integer> cases = new TreeMap<>();
    private int completed;
    private boolean failed;
    private PrintStream[] before;
    private boolean broken;
    private boolean done;
    private String problem;

    /** Begins the fork, once: from now on what is printed belongs to the suite whose thread prints it. */
    static synchronized Fork begin() {
        fork = fork == null ? new Fork() : fork;
        return fork;
    }

    private Fork() {
        send(new Json().with("event", "fork_started").withRaw("version", "1").with("client", "longpole-junit 1"));
        Capture.install(this);
        Thread flusher = new Thread(null, this::flushNowAndThen, "longpole-flush", 0, false);
        flusher.setDaemon(true);
        flusher.start();
        // A process that ends before its time shows what its tests have printed. It must not say that it has completed.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> flush(0), "longpole-last-output"));
    }

    /** Ends the fork. */
    void complete() {
        synchronized (unattributed) {
            sendUnattributed();
            done = true;
        }
        Json totals = new Json();
        cases.forEach((status, count) -> totals.withRaw(status, count.toString()));
        send(new Json().with("event", "fork_completed").withRaw("suites", Integer.toString(completed))
                .withRaw("cases", totals.toString()));
    }

    /** The suite of this name, which may have completed. */
    Suite suite(String name) {
        return suites.computeIfAbsent(name, each -> new Suite(this, each));
    }

    void started(Suite suite) {
        synchronized (open) {
            before = open.isEmpty() ? new PrintStream[] {System.out, System.err} : before;
            open.add(suite);
        }
    }

    /** The suites in work. */
    Set<Suite> open() {
        return open;
    }

    /** Something failed that belongs to no suite. */
    void fail(String what) {
        problem = what;
        failed = true;
        byte[] bytes = (what.strip() + "\n").getBytes(StandardCharsets.UTF_8);
        print(bytes, 0, bytes.length);
    }

    /** What failed last that belongs to no suite; null if nothing did. */
    String problem() {
        return problem;
    }

    /** Whether anything failed. */
    boolean hasFailed() {
        return failed;
    }

    void count(String caseStatus) {
        synchronized (cases) {
            cases.merge(caseStatus, 1, Integer::sum);
        }
    }

    void completed(Suite suite, String status) {
        synchronized (open) {
            open.remove(suite);
            if (open.isEmpty()) { // Streams that tests have replaced are not left to the classes after them.
                System.setOut(before[0]);
                System.setErr(before[1]);
            }
        }
        synchronized (cases) {
            completed++;
            failed |= status.equals("failed") || status.equals("error");
        }
    }

    /** Sends what no suite has printed, line by line. */
    void print(byte[] bytes, int from, int count) {
        synchronized (unattributed) {
            if (done) {
                REST.write(bytes, from, count); // Nothing may follow the last line.
                return;
            }
            unattributed.add(bytes, from, count);
            if (unattributed.endsLine() || unattributed.olderThan(FLUSH_NANOS)) {
                sendUnattributed();
            }
        }
    }

    void send(Json event) {
        byte[] line = ("@@LONGPOLE@@ " + event + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (OUT) {
            try {
                if (!broken) {
                    OUT.write(line);
                }
            } catch (IOException error) {
                broken = true; // Nobody reads any more. That is no failure of the test that printed.
                failed = true;
            }
        }
    }

    private void sendUnattributed() {
        String text = unattributed.take();
        if (text != null) {
            send(new Json().with("event", "unattributed_output").with("text", text));
        }
    }

    private void flush(long olderThanNanos) {
        open.forEach(suite -> suite.flush(olderThanNanos));
        synchronized (unattributed) {
            if (unattributed.olderThan(olderThanNanos)) {
                sendUnattributed();
            }
        }
    }

    private void flushNowAndThen() {
        while (true) {
            try {
                Thread.sleep(1000);
                flush(FLUSH_NANOS);
            } catch (InterruptedException error) {
                return;
            }
        }
    }
}
