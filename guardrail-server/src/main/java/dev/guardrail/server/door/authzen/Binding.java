package dev.guardrail.server.door.authzen;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.Journal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Ties a request to the denial that it answers: a token that whoever was denied gives back. It holds what was denied
/// under the journal's own key, so that it outlives a restart, and it grants nothing: the call is decided anew, and
/// people are asked as for any other. A second use asks for the same thing, and joins those who were asked.
record Binding(Journal journal) {
    /// How long a denial can be answered with a request.
    static final Duration LIFE = Duration.ofMinutes(10);

    private static final String PREFIX = "gra1.";
    private static final String PURPOSE = "guardrail authzen binding 1";
    private static final int MOST_CHARACTERS = 64 * 1024;

    /// What a token says; true only where the token [#isGenuine].
    ///
    /// @param said names of the context's members that were part of the question
    record Claims(CallId evaluation, Instant until, List<String> said) {
        public Claims {
            said = List.copyOf(said);
        }

        private JsonObject json() {
            return JsonObject.with("evaluation", evaluation.value())
                    .with("until", until.toString())
                    .with("said", JsonArray.ofTexts(said))
                    .build();
        }
    }

    String token(Caller caller, Meaning.Call call, CallId evaluation, Instant until) {
        var claims = new Claims(evaluation, until, call.said());
        return PREFIX + encoded(JsonWriter.bytes(claims.json())) + "."
                + encoded(seal(caller, call, claims).bytes());
    }

    /// What a token says of itself, not verified.
    ///
    /// @return empty where it is none of ours
    static Optional<Claims> claims(String token) {
        int dot = token.lastIndexOf('.');
        if (!token.startsWith(PREFIX) || token.length() > MOST_CHARACTERS || dot < PREFIX.length())
            return Optional.empty();
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token.substring(PREFIX.length(), dot));
            if (!(StrictJson.parse(bytes) instanceof JsonObject json)) return Optional.empty();
            return json.text("evaluation")
                    .flatMap(evaluation -> json.text("until")
                            .map(until -> new Claims(
                                    new CallId(evaluation),
                                    Instant.parse(until),
                                    json.array("said").orElse(JsonArray.EMPTY).texts())));
        } catch (IllegalArgumentException | MalformedJson | DateTimeParseException broken) {
            return Optional.empty();
        }
    }

    /// True where the guard made exactly this token for this caller and this call.
    boolean isGenuine(String token, Claims claims, Caller caller, Meaning.Call call) {
        String expected = PREFIX + encoded(JsonWriter.bytes(claims.json())) + "."
                + encoded(seal(caller, call, claims).bytes());
        return Sha256.of(expected.getBytes(StandardCharsets.UTF_8))
                .equals(Sha256.of(token.getBytes(StandardCharsets.UTF_8)));
    }

    private Sha256 seal(Caller caller, Meaning.Call call, Claims claims) {
        return journal.blind(Sha256.of(JsonObject.with("purpose", PURPOSE)
                .with("claims", claims.json())
                .with("kind", caller.kind().name())
                .with("name", caller.name())
                .with("token", caller.session().map(SessionId::value))
                .with("user", caller.user())
                .with("session", call.session().value())
                .with("tool", call.proposal().tool().toString())
                .with("arguments", call.proposal().arguments())
                .build()));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
