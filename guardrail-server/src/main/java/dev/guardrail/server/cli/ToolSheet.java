package dev.guardrail.server.cli;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/// A tool as an operator reads it before accepting its definition: everything that a server wrote is shown so that it
/// hides nothing.
final class ToolSheet {
    /// Code points that are shown on either side of where two texts differ.
    private static final int AROUND = 60;

    private ToolSheet() {}

    /// Why it waits, in a few words; empty where it does not.
    static String reason(JsonObject tool) {
        if (!tool.has("offered")) return "";
        List<String> findings = findings(tool);
        if (!findings.isEmpty())
            return findings.getFirst() + (findings.size() > 1 ? " and " + (findings.size() - 1) + " more" : "");
        List<JsonObject> differences = differences(tool);
        return differences.isEmpty()
                ? "a first definition"
                : "changed: "
                        + differences.stream()
                                .map(difference -> difference.text("at").orElse(""))
                                .limit(3)
                                .collect(Collectors.joining(", "))
                        + (differences.size() > 3 ? ", …" : "");
    }

    static void print(PrintStream out, JsonObject tool) {
        for (String name : List.of("tool", "state", "effect", "digest", "offered"))
            tool.text(name).ifPresent(value -> out.println(name + ": " + Screen.safe(value)));
        List<String> findings = findings(tool);
        if (!findings.isEmpty()) out.println("findings:");
        for (String finding : findings) out.println("  ! " + Screen.safe(finding));
        List<JsonObject> differences = differences(tool);
        if (!differences.isEmpty()) out.println("changed:");
        differences.forEach(difference -> change(out, difference));
        if (differences.isEmpty())
            tool.object("change")
                    .or(() -> tool.object("definition"))
                    .ifPresent(definition -> out.println("definition:" + Screen.pretty(definition, "  ")));
    }

    private static void change(PrintStream out, JsonObject difference) {
        out.println("  " + Screen.safe(difference.text("at").orElse("")));
        Json before = difference.get("before").orElse(null);
        Json after = difference.get("after").orElse(null);
        if (before instanceof JsonText(String older) && after instanceof JsonText(String newer)) {
            int[] left = older.codePoints().toArray();
            int[] right = newer.codePoints().toArray();
            int same = Math.max(0, java.util.Arrays.mismatch(left, right));
            out.println("    - " + from(left, same));
            out.println("    + " + from(right, same));
            return;
        }
        if (before != null) out.println("    - " + Screen.safe(before.toString()));
        if (after != null) out.println("    + " + Screen.safe(after.toString()));
    }

    /// The text from shortly before where it differs.
    private static String from(int[] points, int same) {
        int begin = Math.max(0, same - AROUND);
        return (begin > 0 ? "…" : "") + Screen.safe(new String(points, begin, points.length - begin));
    }

    private static List<String> findings(JsonObject tool) {
        return tool.array("findings").map(JsonArray::texts).orElse(List.of());
    }

    private static List<JsonObject> differences(JsonObject tool) {
        return tool.array("differences").map(JsonArray::objects).orElse(List.of());
    }
}
