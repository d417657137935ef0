package dev.guardrail.server.relay;

import dev.guardrail.base.JsonObject;
import java.util.Set;

/// Params of a request that policy does not see: its own facts, and the client's answers to what a server asked.
public final class Beside {
    private static final Set<String> NAMES = Set.of("_meta", "inputResponses", "requestState");

    private Beside() {}

    /// True for a member of the params that goes along unseen.
    public static boolean has(String name) {
        return NAMES.contains(name);
    }

    /// What policy sees of a request that is no tool call.
    public static JsonObject seen(JsonObject params) {
        JsonObject seen = params;
        for (String name : NAMES) seen = seen.without(name);
        return seen;
    }
}
