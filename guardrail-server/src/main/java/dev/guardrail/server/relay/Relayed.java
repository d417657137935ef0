package dev.guardrail.server.relay;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pipeline.Errand;
import java.util.Map;

/// A client's request that is decided before it goes on: everything of it beside what policy sees.
///
/// @param params as they came; what was decided takes the place of what it was made from
/// @param headers mirrored parameters that nobody here knows; they are passed on
/// @param line where the client hears of it
public record Relayed(Way way, JsonObject params, Map<String, String> headers, Line line) implements Errand {
    public Relayed {
        headers = Map.copyOf(headers);
    }
}
