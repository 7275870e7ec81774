package odd;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

@Disabled("the whole class")
class DisabledTest {
    @Test
    void one() {}

    @Test
    void two() {}
}
