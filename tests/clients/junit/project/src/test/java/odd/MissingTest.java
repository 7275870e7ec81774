package odd;

import org.junit.jupiter.api.Test;

/** Its superclass is not there when it is run. */
class MissingTest extends Removed {
    @Test
    void unreached() {}
}
