package dev.guardrail.call;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import java.util.Optional;
import java.util.Set;

/// A tool as it is pinned: what the server says of it, and what the operator's catalogue adds.
///
/// @param definition the server's whole definition without `_meta` and icons; the digest covers exactly this
/// @param inputSchema JSON Schema of the arguments; empty where neither server nor catalogue gives one
/// @param labels the operator's words on it (`network-write`)
/// @param taints words that its results bring into the session
/// @param idempotent declared by the operator: running twice is running once
/// @param callerRun the caller runs it itself; the guard cannot
/// @param digest of `definition`'s canonical bytes together with the server's name
/// @param undo how its calls are taken back, as the operator says
public record ToolDefinition(
        ToolName name,
        JsonObject definition,
        Optional<JsonObject> inputSchema,
        ToolEffect effect,
        Set<String> labels,
        Set<String> taints,
        boolean idempotent,
        boolean callerRun,
        Sha256 digest,
        Optional<UndoHook> undo) {

    /// A tool whose calls nobody says how to take back.
    public ToolDefinition(
            ToolName name,
            JsonObject definition,
            Optional<JsonObject> inputSchema,
            ToolEffect effect,
            Set<String> labels,
            Set<String> taints,
            boolean idempotent,
            boolean callerRun,
            Sha256 digest) {
        this(name, definition, inputSchema, effect, labels, taints, idempotent, callerRun, digest, Optional.empty());
    }

    public ToolDefinition {
        labels = Set.copyOf(labels);
        taints = Set.copyOf(taints);
    }

    /// How far its calls can be taken back at best.
    public Exactness exactness() {
        return undo.map(UndoHook::exactness).orElse(Exactness.NONE);
    }

    /// Digest under which a definition is pinned: server identity and the whole definition, without `_meta` and icons.
    public static Sha256 digest(ToolName name, JsonObject definition) {
        return Sha256.of(JsonObject.with("server", name.server())
                .with("definition", pinned(definition))
                .build());
    }

    /// What of a server's definition is pinned.
    public static JsonObject pinned(JsonObject definition) {
        return definition.without("_meta").without("icons");
    }
}
