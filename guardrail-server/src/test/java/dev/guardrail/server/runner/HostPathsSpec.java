package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.ToolName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPathsSpec {
    private static final ToolName READ = ToolName.parse("files.read");

    @TempDir
    private Path directory;

    private Path root;
    private HostPaths paths;

    @BeforeEach
    void tree() throws IOException {
        directory = directory.toRealPath();
        root = Files.createDirectories(directory.resolve("ws"));
        Files.createDirectories(root.resolve("src/main"));
        Files.createDirectories(directory.resolve("out"));
        Files.writeString(root.resolve("src/a.txt"), "text");
        Files.createSymbolicLink(root.resolve("inner"), Path.of("src/main"));
        Files.createSymbolicLink(root.resolve("outer"), directory.resolve("out"));
        Files.createSymbolicLink(root.resolve("dangling"), directory.resolve("out/none"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
        paths = new HostPaths(Map.of("files", root));
    }

    private Optional<PathFact> fact(String text) {
        return paths.resolve(READ, JsonObject.with("path", text).build()).of(text);
    }

    /// The real path below the test's directory.
    private String real(String text) {
        return fact(text)
                .orElseThrow(() -> new AssertionError("no fact: " + text))
                .real()
                .substring(directory.toString().length());
    }

    @ParameterizedTest
    @CsvSource({
        "src/a.txt, /ws/src/a.txt",
        "./src//a.txt, /ws/src/a.txt",
        "., /ws",
        "src/.., /ws",
        "new, /ws/new",
        "new/deep/file, /ws/new/deep/file",
        "new/../file, /ws/file",
        "src/a.txt/x, /ws/src/a.txt/x",
        "inner/x, /ws/src/main/x",
        "inner/../x, /ws/src/x",
        "~/.ssh/id_rsa, /ws/~/.ssh/id_rsa",
        "%2e%2e/etc, /ws/%2e%2e/etc",
        "x:stream, /ws/x:stream",
        "-rf, /ws/-rf",
        "src/.. /x, /ws/src/.. /x"
    })
    void inside_is_where_it_leads_inside(String text, String wanted) {
        assertEquals(wanted, real(text));
        assertTrue(fact(text).orElseThrow().inside());
    }

    @ParameterizedTest
    @CsvSource({
        "../x, /x",
        "outer/x, /out/x",
        "outer, /out",
        "dangling, /out/none",
        "up/x, /x",
        "inner/../../../x, /x",
        "outer/../ws2, /ws2"
    })
    void outside_is_where_it_leads_out(String text, String wanted) {
        assertEquals(wanted, real(text));
        assertFalse(fact(text).orElseThrow().inside());
    }

    @Test
    void absolute_paths_are_taken_as_they_are() {
        assertEquals("/ws/src/a.txt", real(root + "/src/a.txt"));
        assertFalse(fact(root + "2/x").orElseThrow().inside());
        assertEquals("/", fact("/..").orElseThrow().real());
        assertFalse(fact("/proc/self/root/etc/shadow").orElseThrow().inside());
    }

    @Test
    void a_root_that_is_a_link_is_resolved_too() throws IOException {
        Files.createSymbolicLink(directory.resolve("link"), root);
        paths = new HostPaths(Map.of("files", directory.resolve("link")));

        assertTrue(fact("src").orElseThrow().inside());
        assertTrue(fact(directory + "/link/src").orElseThrow().inside());
        assertEquals(root.toString(), fact("src").orElseThrow().root());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b", "loop", "loop/x"})
    void what_cannot_be_resolved_has_no_fact(String text) {
        assertEquals(Optional.empty(), fact(text));
        assertTrue(fact("src").isPresent());
    }

    @Test
    void what_is_too_long_has_no_fact() {
        assertEquals(Optional.empty(), fact("b".repeat(256)));
        assertEquals(Optional.empty(), fact("ä".repeat(128)));
        assertEquals(Optional.empty(), fact("a/".repeat(2_049)));
        assertEquals(Optional.empty(), fact("a/".repeat(1_100)));
        assertTrue(fact("b".repeat(255)).isPresent());
    }

    @Test
    void a_server_without_a_root_has_no_facts() {
        assertEquals(
                PathFacts.NONE,
                paths.resolve(
                        ToolName.parse("crm.read"), JsonObject.with("path", "x").build()));
    }

    @Test
    void texts_are_found_at_any_depth_and_names_are_not_texts() {
        var arguments = JsonObject.with(
                        "list",
                        new JsonArray(List.of(
                                new JsonText("one"),
                                JsonObject.with("in", "two").build())))
                .with("number", JsonNumber.of(1))
                .build();

        assertEquals(
                java.util.Set.of("one", "two"),
                paths.resolve(READ, arguments).byText().keySet());
    }

    @Test
    void only_so_many_texts_are_looked_at() {
        var many = new java.util.ArrayList<String>();
        for (int i = 0; i < 100; i++) many.add("f" + i);
        var arguments = JsonObject.with("list", JsonArray.ofTexts(many)).build();

        var facts = paths.resolve(READ, arguments);

        assertEquals(64, facts.byText().size());
        assertTrue(facts.of("f0").isPresent());
        assertEquals(Optional.empty(), facts.of("f99"));
    }

    @Test
    void what_could_be_run_has_a_digest() throws IOException {
        Files.writeString(root.resolve("script"), "#!/bin/sh\nrm x\n");
        Files.writeString(root.resolve("tool"), "binary");
        Files.setPosixFilePermissions(root.resolve("tool"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(root.resolve("alias"), Path.of("tool"));
        Files.write(root.resolve("large"), new byte[1024 * 1024 + 1]);
        Files.setPosixFilePermissions(root.resolve("large"), PosixFilePermissions.fromString("rwxr-xr-x"));

        assertEquals(
                Optional.of(Sha256.of("#!/bin/sh\nrm x\n".getBytes(java.nio.charset.StandardCharsets.UTF_8))),
                fact("script").orElseThrow().content());
        assertTrue(fact("tool").orElseThrow().content().isPresent());
        assertEquals(
                fact("tool").orElseThrow().content(),
                fact("alias").orElseThrow().content());
        assertEquals(Optional.empty(), fact("src/a.txt").orElseThrow().content());
        assertEquals(Optional.empty(), fact("src").orElseThrow().content());
        assertEquals(Optional.empty(), fact("large").orElseThrow().content());
    }
}
