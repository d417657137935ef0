package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.ToolName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Hostile paths and what must become of them, at the level of facts: no fact, or one that says truly whether the
/// path leads out. The corpus is written for a root of `/ws`; here another directory stands for it.
class PathCorpusGolden {
    private static final ToolName READ = ToolName.parse("files.read");

    @TempDir
    private static Path directory;

    @TestFactory
    Stream<DynamicTest> every_path_is_told_truly() throws IOException {
        var base = directory.toRealPath();
        var root = Files.createDirectories(base.resolve("ws"));
        Files.createDirectories(root.resolve("src/main"));
        Files.createDirectories(root.resolve(".git/hooks"));
        if (Files.notExists(root.resolve("link"))) Files.createSymbolicLink(root.resolve("link"), Path.of("src/main"));
        var paths = new HostPaths(Map.of("files", root));
        return lines().map(line -> {
            String text = line.text("path").orElseThrow().replaceFirst("^/ws", base + "/ws");
            String want = line.text("want").orElseThrow();
            return dynamicTest(want + ": " + printable(text), () -> {
                var fact = paths.resolve(READ, JsonObject.with("path", text).build())
                        .of(text);
                judge(want, text, fact, root);
            });
        });
    }

    private static void judge(String want, String text, Optional<PathFact> fact, Path root) {
        switch (want) {
            case "refuse" -> assertEquals(Optional.empty(), fact);
            case "see rule" -> assertFalse(fact.map(PathFact::inside).orElse(false), fact::toString);
            case "inside, taken literally" -> {
                String literal =
                        text.startsWith("/") ? text.substring(root.toString().length() + 1) : text;
                assertEquals(root + "/" + literal, fact.orElseThrow().real());
            }
            case "as the link resolves" ->
                assertEquals(root + "/src/x", fact.orElseThrow().real());
            case "protected" ->
                assertTrue(
                        fact.map(found -> found.real().startsWith(root + "/.")).orElse(true));
            default -> throw new AssertionError("a verdict that this test does not know: " + want);
        }
    }

    private static String printable(String text) {
        return text.length() > 60 ? text.substring(0, 60) : text.replace('\0', '?');
    }

    private static Stream<JsonObject> lines() throws IOException {
        try (var in = PathCorpusGolden.class.getResourceAsStream("/corpora/paths-paths.jsonl")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                            .toList()
                            .stream();
        }
    }
}
