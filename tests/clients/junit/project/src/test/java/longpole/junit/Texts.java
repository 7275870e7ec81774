package longpole.junit;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Prints what the client makes of texts, for tests that know what it should be. */
public final class Texts {
    private Texts() {}

    /**
     * `launch CLASS`: runs it by a launcher that knows nothing of Longpole; `json`: every UTF-16 unit, alone;
     * `glob PAIR...`: whether the pattern on the first line matches the name after it.
     */
    public static void main(String... arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (arguments[0].equals("json")) {
            IntStream.rangeClosed(0, 0xffff).forEach(unit -> out.println(Json.quoted(String.valueOf((char) unit))));
        }
        if (arguments[0].equals("launch")) {
            LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(arguments[1])).build());
            return;
        }
        for (int each = 1; each < arguments.length; each++) {
            String[] pair = arguments[each].split("\n", 2);
            out.println(Selection.glob(pair[0]).matcher(pair[1]).matches());
        }
    }
}
