package dev.guardrail.server.relay;

import dev.guardrail.base.JsonObject;
import java.util.List;
import java.util.Optional;

/// The two shapes of MCP: with a session that a handshake opens, or with every request by itself (MCP 2026-07-28,
/// basic/versioning). Eras are mirrored between client and upstream, never translated.
public enum Era {
    LEGACY,
    MODERN;

    /// Revisions of the first era, newest first.
    public static final List<String> LEGACY_REVISIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");

    /// The one revision of the second.
    public static final String REVISION = "2026-07-28";

    /// Members of `params._meta` that carry a modern request's own facts.
    public static final String META_REVISION = "io.modelcontextprotocol/protocolVersion";

    public static final String META_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
    public static final String META_CLIENT = "io.modelcontextprotocol/clientInfo";
    public static final String META_SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

    public static final int HEADER_MISMATCH = -32020;
    public static final int MISSING_CAPABILITY = -32021;
    public static final int UNSUPPORTED_REVISION = -32022;

    /// The revision that a request says it is in.
    public static Optional<String> revision(JsonObject params) {
        return params.object("_meta").flatMap(meta -> meta.text(META_REVISION));
    }

    /// True for errors that only a server of the second era gives (MCP 2026-07-28, "Backward Compatibility").
    public static boolean isModern(JsonObject error) {
        var code = error.integer("code");
        return code.isPresent()
                && (code.getAsLong() == HEADER_MISMATCH
                        || code.getAsLong() == MISSING_CAPABILITY
                        || code.getAsLong() == UNSUPPORTED_REVISION);
    }
}
