package odd;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LaterTest {
    @Test
    void runsWithAThreadOfAnother() throws Exception {
        LateTest.NEXT.countDown();
        if (LateTest.late != null) {
            LateTest.late.join();
        }
        CompletableFuture.runAsync(() -> System.out.println("<LaterTest> common")).get();
    }
}
