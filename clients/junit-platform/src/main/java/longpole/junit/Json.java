package longpole.junit;

/** A JSON object that is written key by key. */
final class Json {
    private final StringBuilder text = new StringBuilder("{");

    /** Adds a string; nothing if there is none. */
    Json with(String key, String value) {
        return value == null ? this : withRaw(key, quoted(value));
    }

    /** Adds seconds, in microseconds' precision. */
    Json withSeconds(String key, long nanos) {
        return withRaw(key, Double.toString(Math.max(0, nanos / 1000) / 1e6));
    }

    /** Adds a value that is JSON already. */
    Json withRaw(String key, String json) {
        text.append(text.length() > 1 ? "," : "").append(quoted(key)).append(':').append(json);
        return this;
    }

    @Override
    public String toString() {
        return text + "}";
    }

    /** The string in quotes. Half a surrogate pair is no text and cannot be sent as UTF-8: it becomes U+FFFD. */
    static String quoted(String value) {
        StringBuilder quoted = new StringBuilder(value.length() + 16).append('"');
        value.codePoints().forEach(point -> {
            switch (point) {
                case '"', '\\' -> quoted.append('\\').append((char) point);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    boolean half = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
                    if (point < 0x20 || point == 0x7f) {
                        quoted.append(String.format("\\u%04x", point));
                    } else {
                        quoted.appendCodePoint(half ? 0xfffd : point);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }
}
