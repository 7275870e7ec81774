package odd;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Prints, and waits for a file, for which the test of the flush has no need to hurry. */
@Tag("slow")
class HangTest {
    @Test
    void waits() throws Exception {
        System.out.println("so far");
        while (System.getProperty("until") != null && !Files.exists(Path.of(System.getProperty("until")))) {
            Thread.sleep(20);
        }
    }
}
