package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolName;
import java.util.Optional;

/// How a tool stands in the catalogue, for operators.
///
/// @param digest of the definition that was accepted
/// @param offered digest of the changed definition that waits for acceptance
/// @param definition that was accepted
/// @param change the changed definition
public record Standing(
        ToolName tool,
        State state,
        Sha256 digest,
        Optional<Sha256> offered,
        JsonObject definition,
        Optional<JsonObject> change) {

    /// Whether it can be called, and why not.
    public enum State {
        /// It can be called.
        PINNED,
        /// Its server changed the definition; denied until an operator accepts one.
        QUARANTINED,
        /// Its server no longer lists it; denied until it does, and then under the same pin.
        GONE;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
