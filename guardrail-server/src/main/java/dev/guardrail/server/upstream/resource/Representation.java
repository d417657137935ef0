package dev.guardrail.server.upstream.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.undo.ExactText;
import java.net.http.HttpHeaders;
import java.util.Base64;
import java.util.Optional;

/// What a resource holds, as it is kept: its bytes and what they are, or that there is nothing.
///
/// @param json `there`, and then `type`, `language` (headers of the same names) and `text` or `base64`
record Representation(JsonObject json) {
    static final Representation NOTHING =
            new Representation(JsonObject.builder().with("there", false).build());

    static Representation of(HttpHeaders headers, byte[] body) {
        var json = JsonObject.builder()
                .with("there", true)
                .with("type", headers.firstValue("Content-Type"))
                .with("language", headers.firstValue("Content-Language"));
        Optional<String> text = ExactText.of(body);
        if (text.isPresent()) json.with("text", text.get());
        else json.with("base64", Base64.getEncoder().encodeToString(body));
        return new Representation(json.build());
    }

    /// @return empty where it is nothing that was kept of a resource
    static Optional<Representation> of(JsonObject json) {
        var kept = new Representation(json);
        return kept.equals(NOTHING) || kept.isThere() && kept.body().isPresent() ? Optional.of(kept) : Optional.empty();
    }

    boolean isThere() {
        return json.isTrue("there");
    }

    Optional<byte[]> body() {
        Optional<byte[]> text = json.text("text").map(words -> words.getBytes(UTF_8));
        return text.or(() -> json.text("base64").flatMap(Representation::decoded));
    }

    private static Optional<byte[]> decoded(String base64) {
        try {
            return Optional.of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException broken) {
            return Optional.empty();
        }
    }

    Optional<String> type() {
        return json.text("type");
    }

    Optional<String> language() {
        return json.text("language");
    }

    /// Equal where all of it is: a server may give the same bytes another ETag.
    String version() {
        return Sha256.of(json).toString();
    }
}
