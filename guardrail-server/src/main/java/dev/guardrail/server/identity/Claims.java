package dev.guardrail.server.identity;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What a token of the issuer says, its signature verified (RFC 9068; RFC 8693, section 4).
record Claims(JsonObject json) {
    private static final Duration SKEW = Duration.ofSeconds(60);
    private static final int LONGEST_NAME = 255;

    /// Last second that fits a time of four digits of year.
    private static final double LAST = 253_402_300_799d;

    Optional<String> issuer() {
        return json.text("iss");
    }

    /// What keeps it from being used now.
    ///
    /// @param ours whether an audience is this guard, or one of its doors
    /// @return one lower-case clause, in ASCII
    Optional<String> fault(Instant now, Predicate<String> ours) {
        Optional<String> untimely = untimely(now);
        if (untimely.isPresent()) return untimely;
        if (audiences().stream().noneMatch(ours)) return Optional.of("the token is for another audience");
        if (json.has("cnf")) return Optional.of("the token is bound to a key whose proof is not taken here");
        if (holder().isEmpty()) return Optional.of("the token does not say whose it is");
        return Optional.empty();
    }

    /// Why it is not good at this time.
    Optional<String> untimely(Instant now) {
        Optional<Instant> end = time("exp");
        if (end.isEmpty()) return Optional.of("the token does not say when it ends");
        if (!now.isBefore(end.get().plus(SKEW))) return Optional.of("the token is expired");
        return isLater("nbf", now) || isLater("iat", now) ? Optional.of("the token is not good yet") : Optional.empty();
    }

    private boolean isLater(String name, Instant now) {
        if (!json.has(name)) return false;
        Optional<Instant> time = time(name);
        return time.isEmpty() || time.get().isAfter(now.plus(SKEW));
    }

    Instant expires() {
        return time("exp").orElseThrow(() -> new IllegalStateException("looked at before"));
    }

    private Optional<Instant> time(String name) {
        return json.get(name)
                .filter(JsonNumber.class::isInstance)
                .map(value -> ((JsonNumber) value).asDouble())
                .filter(seconds -> seconds >= 0 && seconds <= LAST)
                .map(seconds -> Instant.ofEpochSecond(seconds.longValue()));
    }

    Set<String> audiences() {
        return texts("aud");
    }

    /// Scopes, as RFC 9068 writes them, or as some servers do.
    Set<String> scopes() {
        return json.get("scope").or(() -> json.get("scp")).map(Claims::texts).orElse(Set.of()).stream()
                .flatMap(text -> Arrays.stream(text.split(" ")))
                .filter(scope -> !scope.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /// One text or several; none where it is anything else, or is not there.
    Set<String> texts(String name) {
        return json.get(name).map(Claims::texts).orElse(Set.of());
    }

    /// A name that can be shown in one line.
    Optional<String> name(String claim) {
        return name(json, claim);
    }

    private static Set<String> texts(Json value) {
        if (value instanceof JsonText(String text)) return Set.of(text);
        return value instanceof JsonArray array ? new HashSet<>(array.texts()) : Set.of();
    }

    /// Who acts, and for whom. The outermost actor is the client; actors within it are history (RFC 8693, section 4.1).
    Optional<Identification.Holder> holder() {
        Optional<String> client = json.has("act") ? json.object("act").flatMap(actor -> name(actor, "sub")) : client();
        Optional<String> subject = name(json, "sub");
        return client.flatMap(acting -> subject.map(
                sub -> new Identification.Holder(acting, Optional.of(sub).filter(name -> !isClient(name)))));
    }

    /// A client that acts for nobody is its own subject (RFC 9068, section 2.2).
    private boolean isClient(String subject) {
        return client().equals(Optional.of(subject));
    }

    /// Empty also where two names contradict each other.
    private Optional<String> client() {
        var names = List.of("client_id", "azp").stream()
                .filter(json::has)
                .map(claim -> name(json, claim))
                .distinct()
                .toList();
        return names.size() == 1 ? names.getFirst() : Optional.empty();
    }

    private static Optional<String> name(JsonObject object, String claim) {
        return object.text(claim)
                .filter(text -> !text.isBlank() && text.length() <= LONGEST_NAME)
                .filter(text -> text.codePoints().noneMatch(Character::isISOControl));
    }
}
