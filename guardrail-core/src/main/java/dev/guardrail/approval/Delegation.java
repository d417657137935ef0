package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import java.time.Instant;

/// One person's vote on one ticket, handed to another. Who handed it on has none any more; who has it hands it no
/// further.
///
/// @param from name of an operator who had a vote
/// @param to name of the operator who votes instead
public record Delegation(String from, String to, Instant at) {
    JsonObject json() {
        return JsonObject.with("from", from)
                .with("to", to)
                .with("at", at.toString())
                .build();
    }

    static Delegation of(JsonObject json) {
        return new Delegation(
                json.text("from").orElseThrow(),
                json.text("to").orElseThrow(),
                Instant.parse(json.text("at").orElseThrow()));
    }
}
