package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonText;
import java.util.Optional;

/// Id of a request: a text or an int64; its type is kept, so that `1` and `"1"` are two ids.
record RpcId(Json json) {
    /// Characters of the longest text.
    static final int MAX_LENGTH = 256;

    /// @return empty where the value cannot be an id: null, a fraction, an exponent, beyond int64, a long text, or
    ///     no
    ///     scalar at all (JSON-RPC 2.0, section 4; MCP refuses null)
    static Optional<RpcId> of(Json json) {
        if (json instanceof JsonText(String text) && text.length() <= MAX_LENGTH) return Optional.of(new RpcId(json));
        if (json instanceof JsonNumber number
                && number.isInteger()
                && number.exactLong().isPresent())
            return Optional.of(new RpcId(JsonNumber.of(number.exactLong().getAsLong())));
        return Optional.empty();
    }
}
