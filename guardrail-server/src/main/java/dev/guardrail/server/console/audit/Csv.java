package dev.guardrail.server.console.audit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/// Entries as a table that spreadsheets open (RFC 4180). A cell that one would take for a formula begins with `'`.
final class Csv {
    private static final List<String> MEMBERS = List.of(
            "at", "kind", "call", "session", "agent", "tool", "effect", "status", "outcome", "cause", "ticket", "grant",
            "voter", "vote", "by", "policy");

    /// The first line.
    static final byte[] HEAD = bytes("log,seq," + String.join(",", MEMBERS) + ",rules\r\n");

    private Csv() {}

    /// @return a line that ends with a carriage return
    static byte[] line(String log, Line line) {
        String members = MEMBERS.stream()
                .map(member -> cell(Told.word(line.entry(), member)))
                .collect(Collectors.joining(","));
        String rules = line.entry()
                .array("rules")
                .map(array -> String.join(" ", array.texts()))
                .orElse("");
        return bytes(cell(log) + "," + line.seq() + "," + members + "," + cell(rules) + "\r");
    }

    private static String cell(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        String safe = formula ? "'" + text : text;
        boolean quoted = safe.chars().anyMatch(unit -> ",\"\r\n".indexOf(unit) >= 0);
        return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
