package odd;

import org.junit.jupiter.api.Test;

/** Two engines run this class. */
public class MixedTest {
    @Test
    public void jupiter() {}

    @org.junit.Test
    public void vintage() {}

    @org.junit.Ignore("old")
    @org.junit.Test
    public void ignored() {}
}
