package dev.guardrail.condition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.call.ToolDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What an author is told, word for word: each block of `condition/findings.txt` is a condition (`> `, after the tools
/// that it is checked against), the findings with their lines and columns from 0, and a caret under each place.
final class ConditionGolden {
    private static final Map<String, ToolDefinition> TOOLS = Map.of(
            "write",
            Asked.tool("files.write_file", """
                    {"type": "object", "additionalProperties": false, "properties": {
                      "path": {"type": "string"}, "content": {"type": "string"}, "dry-run": {"type": "boolean"},
                      "mode": {"type": ["integer", "null"]}, "size": {"type": "number"},
                      "edits": {"type": "array", "items": {"$ref": "#/$defs/edit"}},
                      "kind": {"enum": ["text", "raw"]}, "meta": {"type": "object"}, "either": {"anyOf": []}},
                      "$defs": {"edit": {"type": "object", "properties": {"line": {"type": "integer"},
                        "text": {"type": "string"}, "inner": {"type": "array", "items": {"$ref": "#/$defs/edit"}}}}}}
                    """),
            "edit",
            Asked.typed("files.edit_file", "path: string", "content: integer"),
            "open",
            Asked.tool("crm.update", """
                    {"type": "object", "properties": {"id": {"type": "string"}},
                     "additionalProperties": {"type": "integer"}}
                    """),
            "unknown",
            Asked.tool("web.fetch", Optional.empty()));

    private static String resource() throws IOException {
        try (var stream = ConditionGolden.class.getResourceAsStream("/condition/findings.txt")) {
            assertTrue(stream != null, "condition/findings.txt");
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @TestFactory
    Stream<DynamicTest> findings() throws IOException {
        return Stream.of(resource().split("\n\n", -1))
                .map(String::strip)
                .filter(block -> !block.isEmpty())
                .map(block -> DynamicTest.dynamicTest(
                        block.lines().skip(1).findFirst().orElse(block), () -> assertEquals(block, render(block))));
    }

    @Test
    void every_code_is_shown() throws IOException {
        String golden = resource();
        for (String code : List.of(
                "syntax",
                "unknown-name",
                "undefined-field",
                "wrong-type",
                "pattern",
                "directory",
                "range",
                "not-built",
                "unknown-schema",
                "not-checked")) assertTrue(golden.contains(" " + code + " "), code);
    }

    private static String render(String block) {
        List<String> lines = block.lines().toList();
        var tools = Stream.of(
                        lines.getFirst().substring("tools:".length()).strip().split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(TOOLS::get)
                .toList();
        List<String> source = lines.stream()
                .filter(line -> line.startsWith("> "))
                .map(line -> line.substring(2))
                .toList();
        var shown = new ArrayList<String>();
        shown.add(lines.getFirst());
        List<Finding> findings =
                new CelConditions().compile(String.join("\n", source), tools).findings();
        for (int i = 0; i < source.size(); i++) {
            shown.add("> " + source.get(i));
            for (Finding finding : findings) if (finding.line() == i) shown.addAll(show(finding));
        }
        if (findings.isEmpty()) shown.add("fine");
        return shown.stream().collect(Collectors.joining("\n"));
    }

    private static List<String> show(Finding finding) {
        return List.of(
                "  " + " ".repeat(finding.column()) + "^",
                finding.severity().name().toLowerCase(java.util.Locale.ROOT) + " " + finding.code() + " "
                        + finding.line() + ":" + finding.column() + " " + finding.message());
    }

    /// Prints the golden text anew; what it prints is to be read before it is kept.
    public static void main(String[] arguments) throws IOException {
        for (String block : resource().split("\n\n", -1))
            if (!block.isBlank()) System.out.println(render(block.strip()) + "\n");
    }
}
