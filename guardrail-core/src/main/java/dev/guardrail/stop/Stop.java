package dev.guardrail.stop;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Kind;
import java.time.Instant;
import java.util.Optional;

/// An operator's word that nothing in a scope runs until it is lifted, as its document holds it. The operator's reason
/// lies in a body.
///
/// @param subject name or id of the one that is stopped; empty for [Scope#ALL]
/// @param by name of the operator
/// @param lifted how it ended; empty while it is in force
public record Stop(String id, Scope scope, String subject, String by, Instant at, Optional<Lifting> lifted) {
    static final String IN_FORCE = "in_force";
    private static final String LIFTED = "lifted";

    public Stop {
        if (subject.isEmpty() != (scope == Scope.ALL))
            throw new IllegalArgumentException("a stop names what it stops, unless it stops all");
    }

    /// The end of a stop.
    ///
    /// @param by name of the operator
    public record Lifting(String by, Instant at) {}

    public boolean inForce() {
        return lifted.isEmpty();
    }

    Stop lift(String who, Instant now) {
        return new Stop(id, scope, subject, by, at, Optional.of(new Lifting(who, now)));
    }

    String reasonBody() {
        return id + "/reason";
    }

    Entry.StopLine line() {
        return new Entry.StopLine(id, scope.text(), subject);
    }

    Change put(long expected) {
        var tags = new Document.Tags(null, inForce() ? IN_FORCE : LIFTED, null);
        return new Change.Put(Kind.STOP, id, expected, tags, json());
    }

    private JsonObject json() {
        return JsonObject.with("id", id)
                .with("scope", scope.text())
                .with("subject", subject)
                .with("by", by)
                .with("at", at.toString())
                .with("liftedBy", lifted.map(Lifting::by))
                .with("liftedAt", lifted.map(lifting -> lifting.at().toString()))
                .build();
    }

    /// @throws java.util.NoSuchElementException if a member is missing
    static Stop of(JsonObject json) {
        return new Stop(
                json.text("id").orElseThrow(),
                Scope.parse(json.text("scope").orElseThrow()),
                json.text("subject").orElseThrow(),
                json.text("by").orElseThrow(),
                Instant.parse(json.text("at").orElseThrow()),
                json.text("liftedBy")
                        .map(by -> new Lifting(
                                by, Instant.parse(json.text("liftedAt").orElseThrow()))));
    }
}
