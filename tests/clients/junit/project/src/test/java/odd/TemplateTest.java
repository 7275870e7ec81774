package odd;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every test of it runs once for each argument of the class. */
@ParameterizedClass
@ValueSource(ints = {1, 2})
class TemplateTest {
    @Parameter
    int argument;

    @Test
    void plain() {}

    @ParameterizedTest
    @ValueSource(strings = {"a", "b"})
    void each(String text) {}

    @TestFactory
    Stream<DynamicContainer> made() {
        return Stream.of(DynamicContainer.dynamicContainer("in", List.of(DynamicTest.dynamicTest("it", () -> {}))));
    }

    @Nested
    class Inner {
        @Test
        void deep() {}
    }
}
