package longpole.junit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.junit.platform.engine.Filter;
import org.junit.platform.launcher.TagFilter;

/** The arguments of {@link Forks}, and what the environment says to it. */
record Options(boolean lists, Map<String, List<String>> given) {
    private static final String USAGE = """
            usage: java -cp CLASSPATH longpole.junit.Forks list [OPTION...]
                   java -cp CLASSPATH longpole.junit.Forks run [OPTION...] CLASSES_FILE
              --scan PATH...      look for classes in these folders and jars (default: the folders of the class path)
              --classes FILE      list classes that this file names, one a line, and look for no others
              --include REGEX     list classes with such names (default: Test*, *Test, *Tests, *TestCase)
              --exclude REGEX     but not these
              --include-tag EXPR  list and run only tests with these JUnit tags
              --exclude-tag EXPR  but not these""";
    private static final String INCLUDE = "(.*\\.)?(Test[^.$]*|[^.$]*(Test|Tests|TestCase))";
    private static final List<String> KNOWN =
            List.of("--scan", "--classes", "--include", "--exclude", "--include-tag", "--exclude-tag");
    private static final String PARALLEL = "junit.jupiter.execution.parallel.";

    /** Arguments that make no sense. */
    static final class Wrong extends RuntimeException {
        Wrong(String message) {
            super(message + "\n" + USAGE);
        }
    }

    static Options of(String... arguments) {
        String mode = arguments.length == 0 ? "" : arguments[0];
        if (!mode.equals("list") && !mode.equals("run")) {
            throw new Wrong("not a command: '" + mode + "'");
        }
        Map<String, List<String>> given = new HashMap<>();
        String key = "";
        for (String word : List.of(arguments).subList(1, arguments.length)) {
            if (word.startsWith("--")) {
                String[] parts = word.split("=", 2);
                if (!KNOWN.contains(parts[0])) {
                    throw new Wrong("unknown option: " + word);
                }
                given.computeIfAbsent(parts[0], each -> new ArrayList<>())
                        .addAll(List.of(parts).subList(1, parts.length));
                key = parts.length == 1 ? parts[0] : "";
            } else {
                given.computeIfAbsent(key, each -> new ArrayList<>()).add(word);
                key = key.equals("--scan") ? key : "";
            }
        }
        boolean file = mode.equals("run") && given.getOrDefault("", List.of()).size() == 1;
        if (!file && given.containsKey("") || given.containsValue(List.of())) {
            throw new Wrong("not understood: " + String.join(" ", arguments));
        }
        return new Options(mode.equals("list"), given);
    }

    private List<String> values(String key) {
        return given.getOrDefault(key, List.of());
    }

    /** The names of the classes to run, of which the file has one a line. */
    List<String> classes() throws IOException {
        String file = values("").isEmpty() ? System.getenv("LONGPOLE_CLASSES") : values("").get(0);
        if (file == null) {
            throw new Wrong("which classes? The name of the file that has them is missing");
        }
        return linesOf(file);
    }

    private static List<String> linesOf(String file) throws IOException {
        if (!Files.exists(Path.of(file))) {
            throw new Wrong("there is no file " + file);
        }
        return Files.readAllLines(Path.of(file)).stream().filter(Predicate.not(String::isBlank)).toList();
    }

    /** The names of the classes that may have tests: all below the folders and jars, as far as their names say so. */
    List<String> candidates() throws IOException {
        if (!values("--classes").isEmpty()) {
            return linesOf(values("--classes").get(0));
        }
        List<Path> roots = values("--scan").stream().map(Path::of).toList();
        if (roots.isEmpty()) {
            roots = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of).filter(Files::isDirectory).toList();
        }
        Set<String> names = new TreeSet<>();
        for (Path root : roots) {
            if (!Files.exists(root)) {
                throw new Wrong("there is no " + root + "; have the tests been compiled?");
            }
            if (Files.isDirectory(root)) {
                names.addAll(classesBelow(root));
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(root)) {
                    names.addAll(classesBelow(jar.getPath("/")));
                }
            }
        }
        Predicate<String> included = anyOf(values("--include").isEmpty() ? List.of(INCLUDE) : values("--include"));
        return names.stream().filter(included.and(anyOf(values("--exclude")).negate())).toList();
    }

    private static List<String> classesBelow(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            return files.map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .filter(file -> !file.startsWith("META-INF"))
                    .map(file -> file.substring(0, file.length() - ".class".length()).replaceAll("[/\\\\]", "."))
                    .toList();
        }
    }

    private static Predicate<String> anyOf(List<String> expressions) {
        try {
            List<Pattern> patterns = expressions.stream().map(Pattern::compile).toList();
            return name -> patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
        } catch (PatternSyntaxException error) {
            throw new Wrong("not a regular expression: " + error.getPattern());
        }
    }

    /** What is to run of the classes: by tags and, in `run`, by the selection. */
    Filter<?>[] filters() {
        List<Filter<?>> filters = new ArrayList<>();
        if (!values("--include-tag").isEmpty()) {
            filters.add(TagFilter.includeTags(values("--include-tag")));
        }
        if (!values("--exclude-tag").isEmpty()) {
            filters.add(TagFilter.excludeTags(values("--exclude-tag")));
        }
        String selection = System.getenv("LONGPOLE_SELECT");
        if (!lists && selection != null) {
            filters.add(new Selection(selection));
        }
        return filters.toArray(new Filter<?>[0]);
    }

    /** How many classes may run at a time. */
    static int threads() {
        String threads = System.getenv().getOrDefault("LONGPOLE_THREADS", "1");
        return threads.equals("0") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(threads);
    }

    /**
     * The settings of JUnit Jupiter for as many threads as Longpole gives. Whether the methods of a class run at the
     * same time, and which classes may not, is the business of the project, so its own `mode` settings stay.
     */
    static Map<String, String> parallel() throws IOException {
        String threads = Integer.toString(threads());
        Map<String, String> settings = new TreeMap<>(Map.of(
                PARALLEL + "config.strategy", "fixed",
                PARALLEL + "config.fixed.parallelism", threads,
                PARALLEL + "config.fixed.max-pool-size", threads));
        if (threads() > 1) {
            settings.put(PARALLEL + "enabled", "true");
            Properties own = new Properties();
            try (InputStream file = ClassLoader.getSystemResourceAsStream("junit-platform.properties")) {
                own.load(file == null ? InputStream.nullInputStream() : file);
            }
            String mode = PARALLEL + "mode.classes.default";
            if (own.getProperty(mode) == null && System.getProperty(mode) == null) {
                settings.put(mode, "concurrent");
            }
        }
        return settings;
    }
}
