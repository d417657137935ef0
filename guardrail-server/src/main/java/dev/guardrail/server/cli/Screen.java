package dev.guardrail.server.cli;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
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
        var shown = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (isPlain(point)) shown.appendCodePoint(point);
            else shown.append("‹U+%04X›".formatted(point));
        });
        return shown.toString();
    }

    private static boolean isPlain(int point) {
        if (point == ' ') return true;
        if (point >= 0xFE00 && point <= 0xFE0F || point >= 0xE0100 && point <= 0xE01EF) return false;
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR,
                    Character.ENCLOSING_MARK,
                    Character.NON_SPACING_MARK -> false;
            default -> true;
        };
    }

    /// A JSON value over several lines, two blanks a level; every text of it safe.
    static String pretty(Json json) {
        var text = new StringBuilder();
        pretty(json, "", text);
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
