package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import java.time.Instant;
import java.util.Locale;

/// A question about a held call, or an answer to one. The words lie in a body, and may be erased there.
///
/// @param by name of the operator who asks; `agent:NAME` or `host:NAME` of whoever answers
/// @param body id of the body with the words ([ApprovalDesk#words])
public record Utterance(Part part, String by, Instant at, String body) {

    /// What somebody says: people ask, and the agent's side answers.
    public enum Part {
        QUESTION,
        ANSWER;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    JsonObject json() {
        return JsonObject.with("part", part.text())
                .with("by", by)
                .with("at", at.toString())
                .with("body", body)
                .build();
    }

    static Utterance of(JsonObject json) {
        return new Utterance(
                Part.valueOf(json.text("part").orElseThrow().toUpperCase(Locale.ROOT)),
                json.text("by").orElseThrow(),
                Instant.parse(json.text("at").orElseThrow()),
                json.text("body").orElseThrow());
    }
}
