package dev.guardrail.server.cli;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Printable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What is shown on a terminal. Text that others wrote is shown so that nothing in it can move the cursor, hide or
/// reorder: whatever is not plainly visible stands there as its code point, `‹U+202E›`.
final class Screen {
    private Screen() {}

    /// One line, every invisible or moving character written out, line breaks too.
    static String safe(String text) {
        return Printable.text(text);
    }

    /// A JSON value over several lines, two blanks a level; every text of it safe.
    static String pretty(Json json) {
        return pretty(json, "");
    }

    /// The same, every line of it indented.
    static String pretty(Json json, String indent) {
        var text = new StringBuilder();
        pretty(json, indent, text);
        return text.toString();
    }

    private static void pretty(Json json, String indent, StringBuilder text) {
        switch (json) {
            case JsonObject(Map<String, Json> members) -> {
                if (members.isEmpty()) text.append("{}");
                for (var member : members.entrySet()) {
                    text.append('\n')
                            .append(indent)
                            .append(safe(member.getKey()))
                            .append(": ");
                    pretty(member.getValue(), indent + "  ", text);
                }
            }
            case JsonArray(List<Json> items) -> {
                if (items.isEmpty()) text.append("[]");
                for (Json item : items) {
                    text.append('\n').append(indent).append("- ");
                    pretty(item, indent + "  ", text);
                }
            }
            case JsonText(String value) -> text.append(safe(value));
            case Json other -> text.append(other);
        }
    }

    /// Rows in columns as wide as their widest cell; the first row is the head.
    static void table(PrintStream out, List<List<String>> rows) {
        var widths = new ArrayList<Integer>();
        for (List<String> row : rows)
            for (int i = 0; i < row.size(); i++) {
                int width = safe(row.get(i)).length();
                if (i == widths.size()) widths.add(width);
                else widths.set(i, Math.max(widths.get(i), width));
            }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String cell = safe(row.get(i));
                line.append(cell);
                if (i < row.size() - 1) line.repeat(' ', widths.get(i) - cell.length() + 2);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /// Members of objects as rows, under their names.
    static List<List<String>> rows(List<JsonObject> items, String... columns) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of(columns));
        for (JsonObject item : items)
            rows.add(java.util.Arrays.stream(columns)
                    .map(column -> cell(item, column))
                    .toList());
        return rows;
    }

    private static String cell(JsonObject item, String column) {
        return item.get(column)
                .map(value -> value instanceof JsonText(String text) ? text : value.toString())
                .orElse("");
    }
}
