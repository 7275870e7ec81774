package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LifeBeaconTest {
    private static final Life BEACON = Life.of("......", ".##...", ".##...", "...##.", "...##.", "......");

    @Test
    void comesBack() {
        Work.millis(150);
        Work.print(getClass(), 4, 50);
        assertEquals(BEACON.toString(), BEACON.next().next().toString());
    }
}
