package example;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

class PalindromeNoneTest {
    @Test
    void isNone() {
        Work.millis(35);
        assertFalse(Words.isPalindrome("longpole"));
    }
}
