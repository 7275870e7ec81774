package odd;

import org.junit.jupiter.api.Test;

/** Has a test, but not the name of one. */
class Helper {
    @Test
    void listedOnlyOnDemand() {}
}
