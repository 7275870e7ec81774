package longpole.junit;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * The tests that are to run: one term a line, as in LONGPOLE_SELECT. A term is a pattern for the class, or
 * `CLASS#TEST`; `~` before it excludes. A test is selected if a term includes it, or no term includes any, and none
 * excludes it.
 */
final class Selection implements PostDiscoveryFilter {
    /** @param test null if the term is about classes only */
    private record Term(boolean excludes, Pattern suite, Pattern test) {
        static Term of(String text) {
            boolean excludes = text.startsWith("~");
            String[] parts = text.substring(excludes ? 1 : 0).split("#", 2);
            return new Term(excludes, glob(parts[0]), parts.length < 2 ? null : glob(parts[1]));
        }

        boolean matches(String className, String name) {
            String last = className.substring(className.lastIndexOf(className.contains("/") ? '/' : '.') + 1);
            String method = name.split("[\\[(]", 2)[0];
            return any(suite, className, last)
                    && (test == null || any(test, name, method, method.substring(method.lastIndexOf('.') + 1)));
        }

        private static boolean any(Pattern pattern, String... names) {
            return Stream.of(names).anyMatch(name -> pattern.matcher(name).matches());
        }
    }

    private final List<Term> terms;

    Selection(String lines) {
        terms = lines.lines().filter(line -> !line.isEmpty()).map(Term::of).toList();
    }

    boolean selects(String className, String name) {
        return (terms.stream().allMatch(Term::excludes) || matches(className, name, false))
                && !matches(className, name, true);
    }

    private boolean matches(String className, String name, boolean excluding) {
        return terms.stream().anyMatch(term -> term.excludes() == excluding && term.matches(className, name));
    }

    /** Methods are judged; classes stay as long as some method of them does. */
    @Override
    public FilterResult apply(TestDescriptor test) {
        boolean isMethod = test.isTest() || test.getSource().filter(MethodSource.class::isInstance).isPresent();
        Node node = isMethod ? Node.of(test) : null;
        return FilterResult.includedIf(node == null || selects(node.suite(), node.inSuite()));
    }

    /** A pattern of the shell: `*`, `?`, `[abc]` and `[!abc]`. */
    static Pattern glob(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int at = 0; at < glob.length(); at++) {
            char here = glob.charAt(at);
            int close = here == '[' ? glob.indexOf(']', at + (glob.startsWith("!", at + 1) ? 3 : 2)) : -1;
            if (close > 0) {
                String set = glob.substring(at + 1, close).replaceAll("[\\\\\\[\\]&^~]", "\\\\$0");
                regex.append('[').append(set.startsWith("!") ? "^" + set.substring(1) : set).append(']');
                at = close;
            } else {
                regex.append(here == '*' ? ".*" : here == '?' ? "." : Pattern.quote(String.valueOf(here)));
            }
        }
        try {
            return Pattern.compile(regex.toString(), Pattern.DOTALL);
        } catch (PatternSyntaxException error) {
            return Pattern.compile("(?!)"); // such as [z-a], which matches nothing
        }
    }
}
