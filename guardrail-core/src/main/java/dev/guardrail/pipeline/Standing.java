package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolName;
import java.util.List;
import java.util.Optional;

/// How a tool stands in the catalogue, for operators.
///
/// @param digest of the definition that was accepted; empty where none was yet
/// @param offered digest of the definition that waits for acceptance
/// @param definition that was accepted
/// @param change the definition that waits
/// @param findings what is wrong with the one that waits, or where none waits, with the accepted one; printable
public record Standing(
        ToolName tool,
        State state,
        Optional<Sha256> digest,
        Optional<Sha256> offered,
        Optional<JsonObject> definition,
        Optional<JsonObject> change,
        List<String> findings) {
    public Standing {
        findings = List.copyOf(findings);
    }

    /// What the definition that waits has otherwise than the accepted one; empty unless there are both.
    public List<Difference> differences() {
        return definition
                .flatMap(before -> change.map(after -> Difference.between(before, after)))
                .orElse(List.of());
    }

    /// Whether it can be called, and why not.
    public enum State {
        /// It can be called.
        PINNED,
        /// Its server changed the definition, or there are findings in the first one; denied until an operator accepts
        /// one.
        QUARANTINED,
        /// Its server no longer lists it; denied until it does, and then under the same pin.
        GONE;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
