package dev.guardrail.server.console;

import dev.guardrail.call.Caller;
import io.micronaut.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Somebody who is signed in, from signing in until signing out.
///
/// @param id names it within this process; it opens nothing
/// @param caller whose key was shown, or whom an identity provider vouched for
/// @param csrf what every form of the visit repeats; no page of others knows it
/// @param vouched true where an identity provider said who it is
public record Visit(String id, Caller caller, String csrf, boolean vouched) {
    private static final String ATTRIBUTE = "guardrail.visit";

    static void put(HttpRequest<?> request, Visit visit) {
        request.setAttribute(ATTRIBUTE, visit);
    }

    /// Whose request it is; empty for those who have not signed in.
    public static Optional<Visit> find(HttpRequest<?> request) {
        return request.getAttribute(ATTRIBUTE, Visit.class);
    }

    /// Whose request it is.
    ///
    /// @throws IllegalStateException where the entrance let nobody in; the request then fails, unread
    public static Visit of(HttpRequest<?> request) {
        return find(request).orElseThrow(() -> new IllegalStateException("the request came past the entrance"));
    }

    public String name() {
        return caller.name();
    }

    /// True for approvers, auditors or admins, as the word says.
    public boolean is(String role) {
        return caller.roles().contains(role);
    }

    public boolean isAny(String... roles) {
        return Arrays.stream(roles).anyMatch(this::is);
    }

    /// Where rules stand and what they read is for auditors and admins.
    public boolean seesSources() {
        return isAny("auditor", "admin");
    }

    /// Roles in one line.
    public String roles() {
        return caller.roles().stream().sorted().collect(Collectors.joining(", "));
    }

    /// One or two letters that stand for the name.
    public String initials() {
        String letters = Arrays.stream(caller.name().split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty())
                .limit(2)
                .map(word -> word.substring(0, word.offsetByCodePoints(0, 1)))
                .collect(Collectors.joining());
        return letters.toUpperCase(Locale.ROOT);
    }

    /// Compared in constant time.
    boolean isToken(String sent) {
        return MessageDigest.isEqual(csrf.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8));
    }

    /// The token is a secret.
    @Override
    public String toString() {
        return "Visit[" + id + ", " + caller.name() + "]";
    }
}
