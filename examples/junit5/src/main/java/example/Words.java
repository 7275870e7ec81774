package example;

import java.util.Locale;
import java.util.stream.IntStream;

/** Words and what they have in common. */
public final class Words {
    private Words() {}

    public static boolean isPalindrome(String text) {
        String letters = text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}]", "");
        return letters.contentEquals(new StringBuilder(letters).reverse());
    }

    /** The number of letters to change, add or remove (Levenshtein 1966). */
    public static int distance(String from, String to) {
        int[] row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0]++;
            for (int j = 1; j <= to.length(); j++) {
                int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
