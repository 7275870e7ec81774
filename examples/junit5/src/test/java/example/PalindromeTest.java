package example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PalindromeTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "level", "Was it a car or a cat I saw?", "Never odd or even"})
    void isPalindrome(String text) {
        Work.millis(30);
        assertTrue(Words.isPalindrome(text));
    }
}
