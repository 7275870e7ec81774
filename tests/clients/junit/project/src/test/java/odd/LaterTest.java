package odd;

import org.junit.jupiter.api.Test;

class LaterTest {
    @Test
    void runsWithAThreadOfAnother() throws Exception {
        LateTest.NEXT.countDown();
        if (LateTest.late != null) {
            LateTest.late.join();
        }
        LateTest.inCommonPool(() -> System.out.println("<LaterTest> common"));
    }
}
