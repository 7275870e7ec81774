package longpole.junit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that were printed, and that are sent as text. Its users lock it. */
final class Output {
    private static final int TAIL = 16 * 1024;
    private byte[] bytes = new byte[0];
    private int size;
    private long since;

    /** Adds bytes; returns how many there are now. */
    int add(byte[] more, int from, int count) {
        since = size == 0 ? System.nanoTime() : since;
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count + 256));
        }
        System.arraycopy(more, from, bytes, size, count);
        size += count;
        return size;
    }

    /** Adds bytes to those of one test, of which only the last are kept. */
    void addToTail(byte[] more, int from, int count) {
        int skipped = Math.max(0, count - TAIL);
        if (add(more, from + skipped, count - skipped) > 2 * TAIL) {
            remove(size - TAIL);
        }
    }

    /** Whether the first of the bytes has waited for longer than this. */
    boolean olderThan(long nanos) {
        return size > 0 && System.nanoTime() - since > nanos;
    }

    boolean endsLine() {
        return size > 0 && bytes[size - 1] == '\n';
    }

    /** Takes all of it; null if there is nothing. */
    String take() {
        return take(size);
    }

    /** Takes all but the beginning of a character whose other bytes are yet to come; null if there is nothing. */
    String takeCharacters() {
        for (int back = 1; back <= Math.min(3, size); back++) {
            int value = bytes[size - back] & 0xff;
            if (value < 0x80 || value >= 0xc0) {
                int length = value < 0x80 ? 1 : value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
                return take(length > back ? size - back : size);
            }
        }
        return take();
    }

    private String take(int count) {
        String text = count == 0 ? null : new String(bytes, 0, count, StandardCharsets.UTF_8);
        remove(count);
        since = System.nanoTime();
        return text;
    }

    private void remove(int count) {
        System.arraycopy(bytes, count, bytes, 0, size - count);
        size -= count;
    }
}
