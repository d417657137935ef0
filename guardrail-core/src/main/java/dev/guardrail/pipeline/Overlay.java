package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import java.util.Optional;
import java.util.Set;

/// What the operator's catalogue says of a tool, over what its server says. Pure; safe for concurrent use.
@FunctionalInterface
public interface Overlay {

    /// A catalogue without a word on anything.
    Overlay NONE = (tool, definition) -> Attributes.UNKNOWN;

    /// @param definition what the server says; empty for a tool that only the operator describes
    /// @return [Attributes#UNKNOWN] where the operator says nothing
    Attributes of(ToolName tool, Optional<JsonObject> definition);

    /// The operator's words on one tool; nothing that a server says gets in here.
    ///
    /// @param inputSchema the operator's own, which then stands in for the server's
    /// @param labels words on the tool
    /// @param taints words that its results bring into the session
    /// @param callerRun the caller runs it itself
    /// @param undo how its calls are taken back
    record Attributes(
            Optional<JsonObject> inputSchema,
            ToolEffect effect,
            Set<String> labels,
            Set<String> taints,
            boolean idempotent,
            boolean callerRun,
            Optional<UndoHook> undo) {
        public static final Attributes UNKNOWN =
                new Attributes(Optional.empty(), ToolEffect.EXTERNAL, Set.of(), Set.of(), false, false);

        /// Nothing is said of taking its calls back.
        public Attributes(
                Optional<JsonObject> inputSchema,
                ToolEffect effect,
                Set<String> labels,
                Set<String> taints,
                boolean idempotent,
                boolean callerRun) {
            this(inputSchema, effect, labels, taints, idempotent, callerRun, Optional.empty());
        }

        public Attributes {
            labels = Set.copyOf(labels);
            taints = Set.copyOf(taints);
        }
    }
}
