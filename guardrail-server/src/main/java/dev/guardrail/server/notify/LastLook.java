package dev.guardrail.server.notify;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Printable;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/// The last look at a text before it leaves: whatever is not plainly visible is marked, however it came here. Text that
/// is marked already stays as it is.
final class LastLook {
    private static final String CUT = " … the rest is on the page";

    private LastLook() {}

    /// One line of no more than `most` code points and the marks.
    static String line(String text, int most) {
        return Printable.text(text, most);
    }

    /// Several lines; nothing but the line feed between them breaks one.
    static String lines(String text) {
        return text.lines().map(Printable::text).collect(Collectors.joining("\n"));
    }

    /// Several lines of no more than `most` UTF-16 units, cut between two code points, with a word where something was
    /// cut off.
    ///
    /// @param most more than the word's own length
    static String lines(String text, int most) {
        String shown = lines(text);
        if (shown.length() <= most) return shown;
        int end = most - CUT.length();
        if (Character.isHighSurrogate(shown.charAt(end - 1))) end--;
        return shown.substring(0, end) + CUT;
    }

    /// JSON in ASCII alone: what is not a visible ASCII character stands as an escape of its UTF-16 units (RFC 8259,
    /// section 7), so that the
    /// bytes are harmless to look at, and read back as exactly the same value.
    ///
    /// @throws IllegalArgumentException where a text or name has a lone surrogate
    static byte[] json(JsonObject json) {
        String text = new String(JsonWriter.bytes(json), StandardCharsets.UTF_8);
        var ascii = new StringBuilder(text.length() + 16);
        for (int at = 0; at < text.length(); at++) {
            char unit = text.charAt(at);
            if (unit < 0x7F) ascii.append(unit);
            else ascii.append("\\u%04x".formatted((int) unit));
        }
        return ascii.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
