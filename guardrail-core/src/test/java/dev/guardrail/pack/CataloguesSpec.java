package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.UndoHook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The catalogues of others' servers: whatever changes something can be undone or says why not, and the arguments that
/// undoing it needs are required.
final class CataloguesSpec {
    private static final Path CATALOGUES = Path.of("..", "policies", "catalogues");
    private static final Pattern ARGUMENT = Pattern.compile("\\$\\{args\\.([A-Za-z_]+)");

    @TestFactory
    Stream<DynamicTest> every_catalogue_is_whole() throws IOException {
        try (var files = Files.list(CATALOGUES)) {
            List<Path> all = files.sorted().toList();
            assertTrue(all.size() >= 4, all::toString);
            return all.stream()
                    .map(file -> DynamicTest.dynamicTest(
                            file.getFileName().toString(),
                            () -> assertEquals(List.of(), faults(Files.readString(file)))));
        }
    }

    @Test
    void a_catalogue_that_is_not_is_noticed() {
        String text = """
                apiVersion: guardrail/v1
                kind: Tools
                server: files
                tools:
                  write:
                    effect: write
                    inputSchema: {type: object, properties: {path: {type: string}}, required: [file]}
                    undo: {by: disk, target: {path: "${args.path}"}}
                  erase: {effect: destructive}
                  say: {effect: external, undo: {cannot: it was said}}
                """;
        assertEquals(List.of("files.erase says nothing of undo", "files.write does not require `path`"), faults(text));
    }

    private static List<String> faults(String text) {
        var pack = new PackReader().readSources(List.of(new Source("catalogue.yaml", text)));
        assertEquals(List.of(), pack.diagnostics());
        var faults = new ArrayList<String>();
        pack.catalogue().entries().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(tool -> tool.getValue().effect() != ToolEffect.READ)
                .forEach(tool -> {
                    if (tool.getValue().undo().isEmpty()) faults.add(tool.getKey() + " says nothing of undo");
                    List<String> required = tool.getValue()
                            .inputSchema()
                            .flatMap(schema -> schema.array("required"))
                            .orElse(JsonArray.EMPTY)
                            .texts();
                    tool.getValue().undo().stream()
                            .flatMap(CataloguesSpec::needed)
                            .filter(name -> !required.contains(name))
                            .forEach(name -> faults.add(tool.getKey() + " does not require `" + name + "`"));
                });
        return faults;
    }

    /// Arguments that undoing needs.
    private static Stream<String> needed(UndoHook hook) {
        JsonObject target =
                hook.before().map(UndoHook.Look::args).map(Template::source).orElse(JsonObject.EMPTY);
        return ARGUMENT.matcher(target.toString()).results().map(found -> found.group(1));
    }
}
