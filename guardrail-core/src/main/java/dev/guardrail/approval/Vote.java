package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import java.time.Instant;
import java.util.Optional;

/// One person's approval of one hold.
///
/// @param voter name of the operator
/// @param scope how far the person wants the approval to reach; empty for the one call
public record Vote(String voter, Instant at, Optional<Scope> scope) {
    JsonObject json() {
        var json = JsonObject.with("voter", voter).with("at", at.toString());
        scope.ifPresent(wanted -> json.with("scope", wanted.json()));
        return json.build();
    }

    static Vote of(JsonObject json) {
        return new Vote(
                json.text("voter").orElseThrow(),
                Instant.parse(json.text("at").orElseThrow()),
                json.object("scope").map(Scope::parse));
    }
}
