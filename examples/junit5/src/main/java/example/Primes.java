package example;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Prime numbers. */
public final class Primes {
    private Primes() {}

    public static boolean isPrime(int number) {
        return number > 1 && IntStream.rangeClosed(2, (int) Math.sqrt(number)).noneMatch(each -> number % each == 0);
    }

    /** The prime factors, the smallest first. */
    public static List<Integer> factors(int number) {
        List<Integer> factors = new ArrayList<>();
        for (int rest = number, each = 2; rest > 1; each++) {
            for (; rest % each == 0; rest /= each) {
                factors.add(each);
            }
        }
        return factors;
    }
}
