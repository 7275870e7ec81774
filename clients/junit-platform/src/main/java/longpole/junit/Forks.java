package longpole.junit;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.SelectorResolutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.EngineDiscoveryResult;
import org.junit.platform.launcher.LauncherDiscoveryListener;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** `list` prints the test classes, one a line; `run` runs some of them and tells Longpole. */
public final class Forks {
    /** Whether this class begins and completes the fork, so that a plan need not. */
    static boolean inCharge;

    private final Options options;
    private final Launcher launcher;
    private final Map<String, Throwable> unreadable = new ConcurrentHashMap<>();
    private final Set<String> resolved = ConcurrentHashMap.newKeySet();
    private Throwable engineProblem;

    private Forks(Options options, Launcher launcher) {
        this.options = options;
        this.launcher = launcher;
    }

    /** Exits with 0; with 1 if a test failed; with 2 if the arguments are wrong. */
    public static void main(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        int status = 1;
        try {
            Options options = Options.of(arguments);
            try (LauncherSession session = LauncherFactory.openSession()) {
                Forks forks = new Forks(options, session.getLauncher());
                status = options.lists() ? forks.list(out) : forks.run(out);
            }
        } catch (Options.Wrong wrong) {
            err.println(wrong.getMessage());
            status = 2;
        } catch (Throwable thrown) { // Without a last word, Longpole takes the fork for crashed.
            thrown.printStackTrace(err);
        }
        out.flush();
        System.exit(status); // also if a test left threads running
    }

    private int list(PrintStream out) throws IOException {
        System.setOut(System.err); // What engines print while they look is no class.
        TestPlan plan = launcher.discover(request(options.candidates()).build());
        if (engineProblem != null) {
            throw new IllegalStateException("a test engine cannot discover tests", engineProblem);
        }
        Set<String> found = new TreeSet<>(unreadable.keySet()); // When it is run, it says why.
        plan.getRoots().forEach(engine ->
                plan.getChildren(engine).forEach(each -> found.add(Node.of(each, plan).suite())));
        found.forEach(out::println);
        return 0;
    }

    private int run(PrintStream out) throws IOException {
        inCharge = true;
        if (!Fork.TELLS) {
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            launcher.registerTestExecutionListeners(summary);
            launcher.execute(request(options.classes()).build());
            summary.getSummary().printFailuresTo(new PrintWriter(out));
            summary.getSummary().printTo(new PrintWriter(out));
            return summary.getSummary().getTotalFailureCount() == 0 && unreadable.isEmpty() ? 0 : 1;
        }
        Fork fork = Fork.begin();
        String queue = System.getenv("LONGPOLE_QUEUE");
        if (queue == null) {
            runClasses(options.classes(), fork);
        } else {
            Claims claims = new Claims(Path.of(queue), System.getenv("LONGPOLE_FORK"));
            for (List<String> some = claims.next(Options.threads()); !some.isEmpty();
                    some = claims.next(Options.threads())) {
                runClasses(some, fork);
            }
        }
        fork.complete();
        return fork.hasFailed() ? 1 : 0;
    }

    private void runClasses(List<String> classes, Fork fork) throws IOException {
        LauncherDiscoveryRequestBuilder request = request(classes);
        Options.parallel().forEach(request::configurationParameter);
        launcher.execute(request.build());
        for (String name : classes) {
            Suite suite = fork.suite(name);
            if (!suite.hasStarted()) {
                suite.start();
                suite.complete(whyNot(name, fork));
            }
        }
    }

    /** Why a class was not run. */
    private Outcome whyNot(String name, Fork fork) {
        Throwable thrown = unreadable.get(name);
        if (thrown != null) {
            return Outcome.failure("error", "cannot be read: " + Outcome.described(thrown), thrown);
        }
        if (fork.problem() != null) {
            return Outcome.error("its test engine failed: " + fork.problem().lines().findFirst().orElse(""));
        }
        return resolved.contains(name) ? Outcome.skipped("none of its tests is selected")
                : Outcome.error("no test engine found a test in it");
    }

    /** Loads a class with all that engines will look at. One that is broken would keep them from all the others. */
    private boolean isReadable(String name) {
        try {
            Class<?> loaded = Class.forName(name, false, Thread.currentThread().getContextClassLoader());
            loaded.getDeclaredMethods();
            loaded.getDeclaredClasses();
            return true;
        } catch (ClassNotFoundException | LinkageError error) {
            unreadable.put(name, error);
            return false;
        }
    }

    private LauncherDiscoveryRequestBuilder request(List<String> classes) {
        List<? extends DiscoverySelector> readable =
                classes.stream().filter(this::isReadable).map(DiscoverySelectors::selectClass).toList();
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(readable)
                .filters(options.filters())
                .configurationParameter("junit.platform.discovery.listener.default", "logging")
                .configurationParameter("junit.platform.discovery.issue.failure.phase", "execution")
                .listeners(new LauncherDiscoveryListener() {
                    @Override
                    public void engineDiscoveryFinished(UniqueId engine, EngineDiscoveryResult result) {
                        engineProblem = result.getThrowable().orElse(engineProblem);
                    }

                    @Override
                    public void selectorProcessed(
                            UniqueId engine, DiscoverySelector selector, SelectorResolutionResult result) {
                        if (selector instanceof ClassSelector its) {
                            switch (result.getStatus()) {
                                case FAILED -> unreadable.put(its.getClassName(), result.getThrowable().orElseThrow());
                                case RESOLVED -> resolved.add(its.getClassName());
                                default -> { }
                            }
                        }
                    }
                });
    }
}
