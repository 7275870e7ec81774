package example;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails where the environment says so: EXAMPLE_FAIL, EXAMPLE_EXIT, EXAMPLE_KILL and EXAMPLE_HANG each name a class, or
 * `CLASS#METHOD`.
 */
public final class OnDemand implements BeforeTestExecutionCallback {
    @Override
    public void beforeTestExecution(ExtensionContext context) throws Exception {
        if (isNamed("EXAMPLE_FAIL", context)) {
            Assertions.fail("on demand");
        }
        if (isNamed("EXAMPLE_EXIT", context)) {
            System.out.println("<" + context.getRequiredTestClass().getSimpleName() + "> exits");
            System.exit(0);
        }
        if (isNamed("EXAMPLE_KILL", context)) {
            new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid())).start().waitFor();
            new CountDownLatch(1).await();
        }
        if (isNamed("EXAMPLE_HANG", context)) {
            new CountDownLatch(1).await();
        }
    }

    private static boolean isNamed(String variable, ExtensionContext context) {
        String name = System.getenv().getOrDefault(variable, "");
        String here = context.getRequiredTestClass().getSimpleName();
        return name.equals(here) || name.equals(here + "#" + context.getRequiredTestMethod().getName());
    }
}
