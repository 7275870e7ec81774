package longpole.junit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A test class in work: its output and its cases, until it has completed. */
final class Suite {
    private static final int FLUSH_BYTES = 64 * 1024;

    final String name;
    private final Fork fork;
    private final Output output = new Output();
    private final List<String> cases = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> statuses = new HashSet<>();
    private int parts;
    private long began;
    private boolean open;
    private Outcome own = Outcome.PASSED;

    Suite(Fork fork, String name) {
        this.fork = fork;
        this.name = name;
    }

    /** Expects another part of it: two engines may both run tests of one class. */
    synchronized void expect() {
        parts++;
    }

    synchronized boolean hasStarted() {
        return began != 0;
    }

    synchronized void start() {
        if (!open) {
            open = true;
            fork.started(this);
            began = System.nanoTime();
            fork.send(new Json().with("event", "suite_started").with("suite", name));
        }
    }

    /** Adds output, unless the suite is not in work. */
    synchronized boolean print(Output ofTest, byte[] bytes, int from, int count) {
        if (!open) {
            return false;
        }
        if (ofTest != null) {
            ofTest.addToTail(bytes, from, count);
        }
        if (output.add(bytes, from, count) >= FLUSH_BYTES) {
            flush(-1);
        }
        return true;
    }

    /** Sends what was printed, if some of it has waited for longer than this. */
    synchronized void flush(long olderThanNanos) {
        String text = open && output.olderThan(olderThanNanos) ? output.takeCharacters() : null;
        if (text != null) {
            fork.send(new Json().with("event", "suite_output").with("suite", name).with("text", text));
        }
    }

    /**
     * Adds the result of a test, or of a container of tests that did not pass.
     *
     * @param display the name for people, if it is another
     * @param printed what was printed in it, which is sent if it did not pass
     */
    synchronized void add(String test, String display, Outcome outcome, long nanos, Output printed) {
        String unique = test;
        for (int again = 2; !names.add(unique); again++) {
            unique = test + " (" + again + ")";
        }
        boolean named = outcome.details() != null && display != null;
        cases.add(new Json().with("name", unique).with("status", outcome.status()).withSeconds("seconds", nanos)
                .with("message", outcome.message())
                .with("details", named ? display + "\n" + outcome.details() : outcome.details())
                .with("location", outcome.locationIn(name))
                .with("output", outcome == Outcome.PASSED || printed == null ? null : printed.take()).toString());
        statuses.add(outcome.status());
        fork.count(outcome.status());
    }

    /** Ends a part of it, and completes it with the last. The outcome is that of the class itself. */
    synchronized void end(Outcome outcome) {
        own = own.isGreen() && outcome != Outcome.PASSED ? outcome : own;
        if (--parts <= 0) {
            complete(own);
        }
    }

    /** Completes it. Cases that failed make it fail, too. */
    synchronized void complete(Outcome outcome) {
        String status = !outcome.isGreen() ? outcome.status()
                : statuses.contains("failed") ? "failed"
                : statuses.contains("error") ? "error"
                : statuses.equals(Set.of("skipped")) ? "skipped" : outcome.status();
        open = false;
        fork.completed(this, status);
        fork.send(new Json().with("event", "suite_completed").with("suite", name).with("status", status)
                .withSeconds("seconds", System.nanoTime() - began).with("message", outcome.message())
                .with("details", outcome.details()).with("output", output.take())
                .withRaw("cases", "[" + String.join(",", cases) + "]"));
        cases.clear();
    }
}
