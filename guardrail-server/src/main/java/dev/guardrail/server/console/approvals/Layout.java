package dev.guardrail.server.console.approvals;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// JSON over several lines, to be changed by hand. What nobody sees is written as an escape.
final class Layout {
    private static final String STEP = "  ";

    private Layout() {}

    static String of(Json value) {
        var text = new StringBuilder();
        write(text, value, "");
        return text.toString();
    }

    private static void write(StringBuilder text, Json value, String indent) {
        String inner = indent + STEP;
        switch (value) {
            case JsonObject(Map<String, Json> members)
            when !members.isEmpty() -> {
                String before = "{\n";
                for (var member : members.entrySet()) {
                    text.append(before)
                            .append(inner)
                            .append(shown(new JsonText(member.getKey())))
                            .append(": ");
                    write(text, member.getValue(), inner);
                    before = ",\n";
                }
                text.append('\n').append(indent).append('}');
            }
            case JsonArray(List<Json> items)
            when !items.isEmpty() -> {
                String before = "[\n";
                for (Json item : items) {
                    text.append(before).append(inner);
                    write(text, item, inner);
                    before = ",\n";
                }
                text.append('\n').append(indent).append(']');
            }
            case Json plain -> text.append(shown(plain));
        }
    }

    private static String shown(Json value) {
        return new String(JsonWriter.shown(value), StandardCharsets.UTF_8);
    }
}
