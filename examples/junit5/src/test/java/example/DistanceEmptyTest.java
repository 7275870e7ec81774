package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DistanceEmptyTest {
    @Test
    void both() {
        Work.millis(10);
        assertEquals(0, Words.distance("", ""));
    }

    @Nested
    class Empty {
        @Test
        void from() {
            Work.millis(20);
            assertEquals(4, Words.distance("", "four"));
        }

        @Nested
        class Again {
            @Test
            void to() {
                Work.millis(20);
                assertEquals(4, Words.distance("four", ""));
            }
        }
    }
}
