package dev.guardrail.server.bridge;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// A text as the value of a mirrored header (MCP 2026-07-28, basic/transports/streamable-http, value encoding).
final class HeaderValue {
    private static final String BEGIN = "=?base64?";
    private static final String END = "?=";
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private HeaderValue() {}

    /// The text itself where a header carries it unchanged, else its UTF-8 in Base64 between marks.
    static String of(String text) {
        boolean marked = text.startsWith(BEGIN) && text.endsWith(END);
        if (isPlain(text) && !marked) return text;
        return BEGIN + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + END;
    }

    /// Whether a header carries it unchanged.
    static boolean isPlain(String text) {
        return !text.isEmpty()
                && text.chars().allMatch(c -> c >= ' ' && c <= '~' || c == '\t')
                && !isBlank(text.charAt(0))
                && !isBlank(text.charAt(text.length() - 1));
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /// Whether it can be part of a header's name (RFC 9110, section 5.6.2).
    static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> c >= '0' && c <= '9'
                                || c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || TOKEN_MARKS.indexOf(c) >= 0);
    }
}
