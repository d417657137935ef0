package dev.guardrail.server.identity;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Scheme, host and port of a URL.
///
/// @param port always given, also where the URL leaves it to the scheme
public record Origin(String scheme, String host, int port) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final int LONGEST = 2_048;

    /// The URL that a text is, if it is one that secrets may travel to: `https`, or `http` on this machine; with a
    /// host,
    /// without a user and without a fragment.
    public static Optional<URI> url(String text) {
        if (text.length() > LONGEST) return Optional.empty();
        try {
            var url = new URI(text);
            boolean whole = url.getHost() != null && url.getRawUserInfo() == null && url.getRawFragment() == null;
            return whole && of(url).isSafe() ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException malformed) {
            return Optional.empty();
        }
    }

    /// @param url absolute, with a host
    public static Origin of(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        return new Origin(scheme, url.getHost().toLowerCase(Locale.ROOT), port);
    }

    /// Whether what is read there is what its owner wrote.
    private boolean isSafe() {
        return scheme.equals("https") || (scheme.equals("http") && LOOPBACK.contains(host));
    }

    @Override
    public String toString() {
        boolean usual = port == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + host + (usual ? "" : ":" + port);
    }
}
