package dev.guardrail.pack;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Numbers of bytes as files write them: a whole number and `B`, `KiB`, `MiB`, `GiB`, or `kB`, `MB`, `GB`.
final class Sizes {
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})(B|KiB|MiB|GiB|kB|MB|GB)");

    private Sizes() {}

    /// @return empty unless the text is such a number, and at most `max`
    static OptionalLong parse(String text, long max) {
        var matcher = SIZE.matcher(text);
        if (!matcher.matches()) return OptionalLong.empty();
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
        return bytes <= max ? OptionalLong.of(bytes) : OptionalLong.empty();
    }

    /// The shortest way to write the number in whole binary units.
    static String text(long bytes) {
        if (bytes % (1L << 30) == 0) return (bytes >> 30) + "GiB";
        if (bytes % (1L << 20) == 0) return (bytes >> 20) + "MiB";
        return bytes % (1L << 10) == 0 ? (bytes >> 10) + "KiB" : bytes + "B";
    }
}
