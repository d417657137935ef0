package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;

/// What an entry says of a body that lies elsewhere: `SHA-256(salt || bytes)` with 16 random bytes of salt, so that
/// nothing can be guessed from it once body and salt are erased.
///
/// @param body id of the [Body]
public record Commitment(String body, Sha256 digest) {
    public JsonObject json() {
        return JsonObject.with("body", body)
                .with("commitment", digest.toString())
                .build();
    }
}
