package example;

/** Roman numerals. */
public final class Roman {
    private static final int[] VALUES = {1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1};
    private static final String[] SIGNS = {"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"};

    private Roman() {}

    public static String of(int number) {
        if (number < 1 || number > 3999) {
            throw new IllegalArgumentException("no Roman numeral for " + number);
        }
        StringBuilder text = new StringBuilder();
        for (int each = 0, rest = number; rest > 0; rest -= rest >= VALUES[each] ? VALUES[each] : 0) {
            while (rest < VALUES[each]) {
                each++;
            }
            text.append(SIGNS[each]);
        }
        return text.toString();
    }
}
