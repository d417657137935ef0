package dev.guardrail.server.identity;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// The names that this server answers to, and the origins whose pages may speak to it: loopback, and what the operator
/// configured. A name that merely resolves to this machine is none of them (DNS rebinding).
public final class Neighbours {
    private static final String LOOPBACK = "(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?";
    private static final Pattern LOOPBACK_HOST = Pattern.compile(LOOPBACK);
    private static final Pattern LOOPBACK_ORIGIN = Pattern.compile("https?://" + LOOPBACK);

    private final Set<String> origins;
    private final Set<String> hosts = new HashSet<>();

    /// @param origins `https://guardrail.example`, lower case
    public Neighbours(Set<String> origins) {
        this.origins = Set.copyOf(origins);
        for (String origin : origins) {
            var uri = URI.create(origin);
            boolean secure = "https".equals(uri.getScheme());
            hosts.add(uri.getAuthority());
            if (uri.getPort() < 0) hosts.add(uri.getHost() + (secure ? ":443" : ":80"));
        }
    }

    /// @param origin of this server, as browsers name it
    public boolean isOwn(String origin) {
        return isOrigin(List.of(origin));
    }

    /// @param values every `Host` header of a request: there is exactly one
    boolean isHost(List<String> values) {
        if (values.size() != 1) return false;
        String host = values.getFirst().toLowerCase(Locale.ROOT);
        return LOOPBACK_HOST.matcher(host).matches() || hosts.contains(host);
    }

    /// @param values every `Origin` header of a request: none, as from a program, or one
    boolean isOrigin(List<String> values) {
        if (values.isEmpty()) return true;
        if (values.size() != 1) return false;
        String origin = values.getFirst().toLowerCase(Locale.ROOT);
        return LOOPBACK_ORIGIN.matcher(origin).matches() || origins.contains(origin);
    }
}
