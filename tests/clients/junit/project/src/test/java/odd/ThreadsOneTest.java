package odd;

import org.junit.jupiter.api.Test;

class ThreadsOneTest {
    @Test
    void print() throws Exception {
        Talk.talk(getClass());
    }

    @Test
    void printAgain() throws Exception {
        Talk.talk(getClass());
    }
}
