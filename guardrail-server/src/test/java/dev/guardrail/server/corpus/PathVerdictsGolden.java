package dev.guardrail.server.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Every line of `corpora/paths-paths.jsonl` as a write into the built-in workspace under the starter policy. In the
/// lines the root is `/ws`; here it is the workspace of a running guard.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PathVerdictsGolden {
    private static final String CONFIGURATION = """
            listen: 127.0.0.1:0
            data: ./data
            policies: [./policies]
            servers:
              workspace: {builtin: workspace, root: ./ws}
            agents:
              - {name: coder, key: {env: CODER}}
            """;

    @SuppressWarnings("NullAway.Init") // set before all
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before all
    private Served served;

    @BeforeAll
    void start(@TempDir Path scratch) throws Exception {
        directory = scratch;
        Files.createDirectories(directory.resolve("ws/inside"));
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("guardrail.yaml"), CONFIGURATION);
        try (var shipped = getClass().getResourceAsStream("/embedded/policies/starter/rules.yaml")) {
            assertTrue(shipped != null, "the starter policy is shipped");
            Served.write(
                    directory.resolve("policies/rules.yaml"),
                    new String(shipped.readAllBytes(), StandardCharsets.UTF_8));
        }
        try (var shipped = getClass().getResourceAsStream("/embedded/policies/starter/tools.yaml")) {
            assertTrue(shipped != null, "the starter catalogue is shipped");
            Served.write(
                    directory.resolve("policies/tools.yaml"),
                    new String(shipped.readAllBytes(), StandardCharsets.UTF_8));
        }
        served = Served.in(directory);
    }

    @AfterAll
    void stop() throws IOException {
        served.close();
    }

    @TestFactory
    Stream<DynamicTest> every_line_gets_the_wanted_verdict() throws IOException {
        return lines().stream()
                .map(line -> DynamicTest.dynamicTest(
                        shown(line.text("path").orElseThrow()),
                        () -> judge(
                                line.text("path").orElseThrow(),
                                line.text("want").orElseThrow())));
    }

    private void judge(String path, String want) throws IOException {
        switch (want) {
            case "see rule", "refuse", "protected" -> assertEquals("deny", effect(path));
            case "inside, taken literally" -> assertEquals("allow", effect(path));
            case "as the link resolves" -> {
                link("link", directory.resolve("ws/inside"));
                assertEquals("allow", effect(path), "the link stays inside");
                link("link", Files.createDirectories(directory.resolve("elsewhere/deep")));
                assertEquals("deny", effect(path), "the link leads out");
            }
            default -> throw new AssertionError("a verdict that this test does not know: " + want);
        }
        try (var outside = Files.list(directory)) {
            List<String> names =
                    outside.map(each -> each.getFileName().toString()).sorted().toList();
            assertTrue(
                    List.of("data", "elsewhere", "guardrail.yaml", "policies", "ws")
                            .containsAll(names),
                    "written outside: " + names);
        }
    }

    @Test
    void a_plain_path_inside_is_written() throws IOException {
        assertEquals("allow", effect("/ws/plain.txt"));
        assertEquals("x", Files.readString(directory.resolve("ws/plain.txt")));
    }

    private void link(String name, Path target) throws IOException {
        Path link = directory.resolve("ws").resolve(name);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, target);
    }

    private String effect(String path) {
        String here =
                path.startsWith("/ws/") || path.equals("/ws") || path.startsWith("/ws\0") || path.startsWith("/ws2")
                        ? directory.resolve("ws") + path.substring(3)
                        : path;
        var arguments = JsonObject.with("path", here).with("content", "x").build();
        var body = JsonObject.with("tool", "workspace.fs_write")
                .with("arguments", arguments)
                .with("run", "guard")
                .build();
        return served.post(Served.CODER, "/v1/calls", body.toString()).text("effect");
    }

    private List<JsonObject> lines() throws IOException {
        try (var corpus = getClass().getResourceAsStream("/corpora/paths-paths.jsonl")) {
            assertTrue(corpus != null, "the corpus is there");
            return new String(corpus.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                    .toList();
        }
    }

    private static String shown(String path) {
        return path.length() > 60 ? path.substring(0, 60) + "…" : path.replace('\0', '?');
    }
}
