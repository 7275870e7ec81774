package odd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KindsTest {
    @Test
    void plain() {
        System.out.println("plain speaks");
    }

    @Test
    @DisplayName("a name with \"quotes\", a\ttab and \u2028")
    void named() {}

    @ParameterizedTest
    @ValueSource(strings = {"a(b", "c[d"})
    void each(String text) {
        assertEquals("a(b", text);
    }

    @RepeatedTest(2)
    void twice() {}

    @TestFactory
    Stream<DynamicNode> made() {
        return Stream.of(DynamicTest.dynamicTest("one", () -> {}),
                DynamicContainer.dynamicContainer("more", List.of(DynamicTest.dynamicTest("two", () -> {}))));
    }

    @Test
    @Disabled("not today")
    void disabled() {}

    @Test
    void assumed() {
        Assumptions.assumeTrue(false, "wrong moon");
    }

    @Test
    void fails() {
        System.err.println("about to fail");
        assertEquals(1, 2);
    }

    @Test
    void throwsIt() {
        throw new IllegalStateException("broken");
    }

    @ParameterizedTest
    @MethodSource("none")
    void unprovided(int number) {}

    @Nested
    class Inner {
        @Test
        void deep() {}

        @Nested
        class Innermost {
            @Test
            void deepest() {}
        }
    }

    @Nested
    @Disabled("not here")
    class Off {
        @Test
        void never() {}
    }

    @Nested
    class Broken {
        @BeforeAll
        static void before() {
            throw new IllegalStateException("cannot begin");
        }

        @Test
        void unreached() {}
    }
}
