package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

class LifeEmptyTest {
    @Test
    void staysEmpty() {
        Work.millis(20);
        assertEquals("../../", Life.of("..", "..").next().toString());
    }

    @Disabled("life does not begin by itself")
    @Test
    void grows() {
        assertEquals("##/##/", Life.of("..", "..").next().toString());
    }
}
