package dev.guardrail.server.upstream.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.util.HexFormat;
import java.util.Optional;

/// A URL below another one. A path that could be read in two ways (dots, empty parts, backslashes, and any of these
/// or a slash in disguise) is none; what a URL cannot hold otherwise is encoded. One resource has one text.
///
/// @param url to ask
/// @param name without the query and a slash at the end
record Address(URI url, String name) {
    private static final int LONGEST = 2_048;

    /// RFC 3986, section 2.3, without the dot, which stands for directories.
    private static final String UNRESERVED = "-_~";

    /// The other characters of a path (RFC 3986, section 3.3).
    private static final String LITERAL = ".!$&'()*+,;=:@/";

    private static final String DISGUISED = "./\\%;";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /// @param base ends with a slash, and has neither query nor fragment
    /// @param path relative to it, with a query or without
    /// @return empty where it is none, or leads elsewhere
    static Optional<Address> below(URI base, String path) {
        if (path.length() > LONGEST) return Optional.empty();
        int mark = path.indexOf('?');
        Optional<String> place =
                encoded(mark < 0 ? path : path.substring(0, mark), false).filter(Address::hasOneReading);
        Optional<String> query = mark < 0 ? Optional.of("") : encoded(path.substring(mark + 1), true);
        if (place.isEmpty() || query.isEmpty()) return Optional.empty();
        String whole = base + place.get();
        return Optional.of(new Address(
                URI.create(mark < 0 ? whole : whole + "?" + query.get()),
                whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole));
    }

    /// True where every part names something; the last may be empty. What stands behind `;` belongs to a part's
    /// name for some servers and not for others.
    private static boolean hasOneReading(String path) {
        String[] parts = path.split("/", -1);
        for (int at = 0; at < parts.length; at++) {
            int semicolon = parts[at].indexOf(';');
            String name = semicolon < 0 ? parts[at] : parts[at].substring(0, semicolon);
            boolean end = at > 0 && at == parts.length - 1 && parts[at].isEmpty();
            if (!end && (name.isEmpty() || name.equals(".") || name.equals(".."))) return false;
        }
        return true;
    }

    private static Optional<String> encoded(String text, boolean query) {
        var encoded = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int letter = text.codePointAt(at);
            if (letter == '%') {
                Optional<String> kept = kept(text, at, query);
                if (kept.isEmpty()) return Optional.empty();
                encoded.append(kept.get());
                at += 3;
                continue;
            }
            if (isRefused(letter)) return Optional.empty();
            if (isPlain(letter) || LITERAL.indexOf(letter) >= 0 || query && letter == '?')
                encoded.append((char) letter);
            else for (byte each : Character.toString(letter).getBytes(UTF_8)) encoded.append(escaped(each));
            at += Character.charCount(letter);
        }
        return Optional.of(encoded.toString());
    }

    /// What is encoded already, in the one form that it has.
    private static Optional<String> kept(String text, int at, boolean query) {
        boolean whole = at + 2 < text.length()
                && HexFormat.isHexDigit(text.charAt(at + 1))
                && HexFormat.isHexDigit(text.charAt(at + 2));
        if (!whole) return Optional.empty();
        int value = HexFormat.fromHexDigits(text, at + 1, at + 3);
        if (value < ' ' || value == 0x7F || !query && DISGUISED.indexOf(value) >= 0) return Optional.empty();
        return Optional.of(isPlain(value) ? Character.toString(value) : escaped((byte) value));
    }

    private static boolean isPlain(int letter) {
        return letter < 0x80 && (Character.isLetterOrDigit(letter) || UNRESERVED.indexOf(letter) >= 0);
    }

    private static boolean isRefused(int letter) {
        return letter == '\\' || letter == '#' || Character.isISOControl(letter) || isHalf(letter);
    }

    private static boolean isHalf(int letter) {
        return letter >= Character.MIN_SURROGATE && letter <= Character.MAX_SURROGATE;
    }

    private static String escaped(byte value) {
        return "%" + HEX.toHexDigits(value);
    }
}
