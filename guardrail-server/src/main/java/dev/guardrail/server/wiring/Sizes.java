package dev.guardrail.server.wiring;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/// Numbers of bytes as files write them: a whole number and `B`, `KiB`, `MiB`, `GiB`, or `kB`, `MB`, `GB`.
final class Sizes {
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})(B|KiB|MiB|GiB|kB|MB|GB)");

    private Sizes() {}

    /// @return empty unless the text is such a number, and at most `max`
    static OptionalInt parse(String text, int max) {
        var matcher = SIZE.matcher(text);
        if (!matcher.matches()) return OptionalInt.empty();
        long unit = switch (matcher.group(2)) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "kB" -> 1_000L;
            case "MB" -> 1_000_000L;
            case "GB" -> 1_000_000_000L;
            default -> 1L;
        };
        long bytes = Long.parseLong(matcher.group(1)) * unit;
        return bytes <= max ? OptionalInt.of((int) bytes) : OptionalInt.empty();
    }
}
