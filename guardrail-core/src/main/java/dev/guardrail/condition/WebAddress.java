package dev.guardrail.condition;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// An `http` or `https` URL that every reader understands alike (RFC 3986, the plain part of it): ASCII only, no user
/// information, no backslash, no encoded control character, and a host that is a plain name or an address in its one
/// spelling. Nothing is repaired, decoded or looked up.
///
/// @param host lower-case; an IPv6 address without brackets
/// @param address where the host is a literal address
record WebAddress(String host, Optional<Address> address) {
    /// Longest URL that is read.
    static final int MAX_LENGTH = 8192;

    /// Names that resolve within a host or a network, never on the open internet.
    private static final List<String> LOCAL = List.of(
            "localhost",
            "localdomain",
            "local",
            "internal",
            "intranet",
            "private",
            "corp",
            "home",
            "lan",
            "test",
            "invalid",
            "onion",
            "arpa");

    static Optional<WebAddress> parse(String url) {
        if (url.length() > MAX_LENGTH || !isPlain(url)) return Optional.empty();
        int start = afterScheme(url);
        if (start < 0) return Optional.empty();
        int end = start;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) end++;
        return authority(url.substring(start, end));
    }

    private static int afterScheme(String url) {
        if (url.regionMatches(true, 0, "https://", 0, 8)) return 8;
        return url.regionMatches(true, 0, "http://", 0, 7) ? 7 : -1;
    }

    /// Only characters of RFC 3986, and percent signs only before two digits that encode no control character.
    private static boolean isPlain(String url) {
        for (int i = 0; i < url.length(); i++) {
            char c = url.charAt(i);
            if (c <= ' ' || c >= 127 || "\"<>\\^`{|}".indexOf(c) >= 0) return false;
            if (c != '%') continue;
            if (i + 2 >= url.length()) return false;
            int high = Character.digit(url.charAt(i + 1), 16);
            int low = Character.digit(url.charAt(i + 2), 16);
            if (high < 2 || low < 0 || high == 7 && low == 15) return false;
        }
        return true;
    }

    private static Optional<WebAddress> authority(String authority) {
        if (authority.startsWith("[")) {
            int close = authority.indexOf(']');
            if (close < 0 || !isPort(authority.substring(close + 1))) return Optional.empty();
            String host = authority.substring(1, close).toLowerCase(Locale.ROOT);
            return Address.parse(host)
                    .filter(Address::isSix)
                    .map(address -> new WebAddress(host, Optional.of(address)));
        }
        int colon = authority.indexOf(':');
        String host = (colon < 0 ? authority : authority.substring(0, colon)).toLowerCase(Locale.ROOT);
        if (colon >= 0 && !isPort(authority.substring(colon))) return Optional.empty();
        if (!isName(host)) return Optional.empty();
        if (!endsInNumber(host)) return Optional.of(new WebAddress(host, Optional.empty()));
        return Address.parse(host).map(address -> new WebAddress(host, Optional.of(address)));
    }

    /// Nothing, or a colon and a number from 1 to 65535.
    private static boolean isPort(String text) {
        if (text.isEmpty()) return true;
        if (text.charAt(0) != ':' || text.length() < 2 || text.length() > 6) return false;
        int port = 0;
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') return false;
            port = port * 10 + (c - '0');
        }
        return port >= 1 && port <= 65535;
    }

    /// Labels of letters, digits and inner hyphens (RFC 1123), at most 253 characters, no dot at the end.
    private static boolean isName(String host) {
        if (host.isEmpty() || host.length() > 253) return false;
        for (String label : host.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > 63 || label.startsWith("-") || label.endsWith("-")) return false;
            if (!label.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')) return false;
        }
        return true;
    }

    /// True where a resolver would take the host for a number: its last label is decimal or hexadecimal.
    private static boolean endsInNumber(String host) {
        String last = host.substring(host.lastIndexOf('.') + 1);
        return last.chars().allMatch(c -> c >= '0' && c <= '9')
                || last.startsWith("0x") && last.substring(2).chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    /// True where the host may lie on the open internet: a global unicast address, or a name with a dot outside the
    /// names that only resolve locally. What a name resolves to is judged when it is dialled.
    boolean isPublic() {
        if (address.isPresent()) return address.get().isPublic();
        int dot = host.lastIndexOf('.');
        return dot > 0 && !LOCAL.contains(host.substring(dot + 1));
    }
}
