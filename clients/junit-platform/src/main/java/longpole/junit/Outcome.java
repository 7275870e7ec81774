package longpole.junit;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;

/**
 * What became of a test or a class.
 *
 * @param status a status of the protocol
 * @param message why; null if there is nothing to say
 * @param details the stack trace; null if there is none
 * @param frames the same, to look for a line of the test
 */
record Outcome(String status, String message, String details, List<StackTraceElement> frames) {
    static final Outcome PASSED = new Outcome("passed", null, null, List.of());
    private static final int MOST = 64 * 1024;

    static Outcome skipped(String reason) {
        return new Outcome("skipped", reason, null, List.of());
    }

    static Outcome error(String message) {
        return new Outcome("error", message, null, List.of());
    }

    /** A failure. Calls code of the project, which made the exception, so the caller must hold no lock. */
    static Outcome failure(String status, String message, Throwable thrown) {
        return new Outcome(status, message, trace(thrown), Arrays.asList(thrown.getStackTrace()));
    }

    /** Like other runners, an assertion that does not hold is `failed`, any other exception is `error`. */
    static Outcome of(TestExecutionResult result) {
        Throwable thrown = result.getThrowable().orElse(null);
        return switch (result.getStatus()) {
            case SUCCESSFUL -> PASSED;
            case ABORTED -> skipped(thrown == null ? null : said(thrown));
            case FAILED -> thrown == null ? error(null)
                    : thrown instanceof AssertionError ? failure("failed", said(thrown), thrown)
                    : failure("error", described(thrown), thrown);
        };
    }

    boolean isGreen() {
        return status.equals("passed") || status.equals("skipped");
    }

    /** The line of this class at which it failed; null if there is none. */
    String locationIn(String className) {
        return frames.stream()
                .filter(frame -> frame.getFileName() != null)
                .filter(frame -> (frame.getClassName() + "$").startsWith(className + "$"))
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .findFirst().orElse(null);
    }

    /** The name of the exception and its message. */
    static String described(Throwable thrown) {
        String type = thrown.getClass().getName();
        String said = said(thrown);
        return said.equals(type) ? type : type + ": " + said;
    }

    /** The message of an exception; its name if there is none. */
    private static String said(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null || message.isBlank() ? thrown.getClass().getName() : message;
        } catch (RuntimeException | StackOverflowError error) {
            return thrown.getClass().getName();
        }
    }

    /** The stack trace; the middle of a very long one is left out. */
    private static String trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        try {
            thrown.printStackTrace(new PrintWriter(trace, true));
        } catch (RuntimeException | StackOverflowError error) {
            trace.append("\n[the stack trace cannot be printed: ").append(error.getClass().getName()).append("]\n");
        }
        String text = trace.toString();
        return text.length() <= MOST ? text
                : text.substring(0, MOST / 2) + "\n[...]\n" + text.substring(text.length() - MOST / 2);
    }
}
