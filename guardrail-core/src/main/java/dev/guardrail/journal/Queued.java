package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import java.time.Instant;

/// A permitted call's wait for its time.
///
/// @param since when it was permitted and put off
/// @param runsAt it runs no earlier
/// @param binding blinded fingerprint of the exact call that was permitted: no other runs
public record Queued(Instant since, Instant runsAt, Sha256 binding) {

    JsonObject json() {
        return JsonObject.with("since", since.toString())
                .with("runsAt", runsAt.toString())
                .with("binding", binding.toString())
                .build();
    }

    static Queued of(JsonObject json) {
        return new Queued(
                Instant.parse(json.text("since").orElseThrow()),
                Instant.parse(json.text("runsAt").orElseThrow()),
                Sha256.parse(json.text("binding").orElseThrow()));
    }
}
