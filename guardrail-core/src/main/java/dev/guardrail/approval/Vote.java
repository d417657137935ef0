package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import java.time.Instant;

/// One person's approval of one hold.
///
/// @param voter name of the operator
public record Vote(String voter, Instant at) {
    JsonObject json() {
        return JsonObject.with("voter", voter).with("at", at.toString()).build();
    }

    static Vote of(JsonObject json) {
        return new Vote(
                json.text("voter").orElseThrow(), Instant.parse(json.text("at").orElseThrow()));
    }
}
