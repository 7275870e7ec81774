package odd;

import org.junit.jupiter.api.Test;

class ThenTest {
    @Test
    void speaks() {
        System.out.println("heard again");
    }
}
