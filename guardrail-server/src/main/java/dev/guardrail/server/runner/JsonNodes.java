package dev.guardrail.server.runner;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Values in the validator's own form. Numbers are int64 or double, as everywhere: `1.0` is a whole number.
final class JsonNodes {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private JsonNodes() {}

    /// @throws IllegalArgumentException where a number is not exact
    static JsonNode of(Json json) {
        return switch (json) {
            case JsonObject object -> {
                var node = NODES.objectNode();
                object.members().forEach((name, value) -> node.set(name, of(value)));
                yield node;
            }
            case JsonArray array -> {
                var node = NODES.arrayNode(array.items().size());
                array.items().forEach(item -> node.add(of(item)));
                yield node;
            }
            case JsonText text -> NODES.stringNode(text.value());
            case JsonNumber number -> number(number);
            case JsonBoolean bool -> NODES.booleanNode(bool.value());
            case JsonNull none -> NODES.nullNode();
        };
    }

    private static JsonNode number(JsonNumber number) {
        if (!number.isExact()) throw new IllegalArgumentException("a number is neither an int64 nor a double");
        var whole = number.exactLong();
        return whole.isPresent() ? NODES.numberNode(whole.getAsLong()) : NODES.numberNode(number.asDouble());
    }
}
