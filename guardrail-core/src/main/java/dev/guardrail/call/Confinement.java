package dev.guardrail.call;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;

/// The sandbox profile that a call runs under: its name, and the digest of all that it says.
public record Confinement(String profile, Sha256 digest) {

    public JsonObject json() {
        return JsonObject.with("profile", profile)
                .with("digest", digest.toString())
                .build();
    }
}
