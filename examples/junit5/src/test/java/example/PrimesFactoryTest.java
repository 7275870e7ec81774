package example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class PrimesFactoryTest {
    @TestFactory
    Stream<DynamicTest> small() {
        return IntStream.of(2, 3, 5, 7, 11).mapToObj(each ->
                DynamicTest.dynamicTest("prime " + each, () -> {
                    Work.millis(15);
                    assertTrue(Primes.isPrime(each));
                }));
    }
}
