package odd;

import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

@TestMethodOrder(MethodOrderer.MethodName.class)
class StreamsTest {
    @Test
    void closes() {
        System.out.close();
        System.err.close();
        System.out.println("open after all");
    }

    @Test
    void replaces() {
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        System.out.println("into nothing");
    }
}
