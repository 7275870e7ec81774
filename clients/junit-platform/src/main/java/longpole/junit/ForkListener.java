package longpole.junit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Tells Longpole what the tests do. Every launcher finds it; it does nothing unless LONGPOLE_PROTOCOL is 1. A suite of
 * the protocol is a container right below an engine: mostly a top-level class, to which tests of nested ones belong.
 */
public final class ForkListener implements TestExecutionListener {
    /** The listener of the plan in work. A test may start a launcher of its own, whose tests are its own business. */
    private static final AtomicReference<ForkListener> TELLING = new AtomicReference<>();

    /** What a thread did before it began a test or container, what it does now, and since when. */
    private record Begun(Capture.Scope before, Capture.Scope now, long nanos) {}

    private final Map<String, Begun> begun = new ConcurrentHashMap<>();
    private Fork fork;
    private TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        if (Fork.TELLS && TELLING.compareAndSet(null, this)) {
            plan = started;
            fork = Fork.begin();
            plan.getRoots().forEach(engine -> plan.getChildren(engine)
                    .forEach(each -> fork.suite(Node.of(each, plan).suite()).expect()));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan finished) {
        if (isTelling()) {
            fork.open().forEach(suite -> suite.complete(Outcome.error("its test engine ended before it")));
            TELLING.set(null);
            if (!Forks.inCharge) {
                fork.complete();
            }
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        Node node = isTelling() ? Node.of(test, plan) : null;
        if (node != null && !node.isEngine()) {
            Suite suite = fork.suite(node.suite());
            suite.start();
            Capture.Scope now = new Capture.Scope(suite, test.isTest() ? new Output() : null);
            begun.put(test.getUniqueId(), new Begun(Capture.CURRENT.get(), now, System.nanoTime()));
            Capture.CURRENT.set(now);
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!isTelling()) {
            return;
        }
        Node node = Node.of(test, plan);
        Outcome outcome = Outcome.of(result);
        if (node.isEngine()) {
            if (!outcome.isGreen()) {
                fork.fail(test.getDisplayName() + " failed: " + outcome.details());
            }
            return;
        }
        Begun here = begun.remove(test.getUniqueId());
        Suite suite = fork.suite(node.suite());
        if (test.isTest() || !node.isTop() && outcome != Outcome.PASSED) {
            long nanos = System.nanoTime() - here.nanos();
            String display = test.getDisplayName().equals(node.reported()) ? null : test.getDisplayName();
            suite.add(node.inSuite(), display, outcome, nanos, here.now().ofTest());
        }
        if (node.isTop()) {
            suite.end(test.isTest() ? Outcome.PASSED : outcome);
        }
        if (Capture.CURRENT.get() == here.now()) {
            Capture.CURRENT.set(here.before());
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        Node node = isTelling() ? Node.of(test, plan) : null;
        if (node == null || node.isEngine()) {
            return;
        }
        Suite suite = fork.suite(node.suite());
        suite.start();
        Outcome skipped = Outcome.skipped(reason);
        Stream.concat(Stream.of(test), plan.getDescendants(test).stream()).filter(ForkListener::isMethod)
                .forEach(each -> suite.add(Node.of(each, plan).inSuite(), null, skipped, 0, null));
        if (node.isTop()) {
            suite.end(skipped);
        }
    }

    private boolean isTelling() {
        return TELLING.get() == this;
    }

    /** Whether it is a test, or a method that makes tests. */
    private static boolean isMethod(TestIdentifier test) {
        return test.isTest() || test.getSource().filter(MethodSource.class::isInstance).isPresent();
    }
}
