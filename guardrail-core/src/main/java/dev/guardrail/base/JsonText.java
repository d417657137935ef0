package dev.guardrail.base;

/// A JSON string: well-formed UTF-16, no lone surrogate.
public record JsonText(String value) implements Json {

    /// @return the JSON text of any value, member order and number literals kept
    static String write(Json json) {
        return new String(JsonWriter.bytes(json), java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return write(this);
    }
}
