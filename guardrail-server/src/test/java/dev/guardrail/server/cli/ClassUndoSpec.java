package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.pack.Diagnostic;
import dev.guardrail.server.corpus.Guide;
import dev.guardrail.server.corpus.Jar;
import dev.guardrail.server.corpus.SettingsRig;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Served;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an agent has another server change, taken back by the class that the guide shows, out of a jar.
final class ClassUndoSpec {
    private static final String CLASS = "example.SettingsFiles";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path jars;

    @SuppressWarnings("NullAway.Init") // set before each
    private SettingsRig rig;

    @BeforeEach
    void start() throws IOException {
        jars = Files.createDirectory(
                directory.resolve("compensators"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        rig = new SettingsRig(directory);
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    private static String shown() throws IOException {
        return Guide.block("java", "CompensatorSource");
    }

    private void pack(String jar, String text) throws IOException {
        Jar.write(jars.resolve(jar), List.of(CLASS), Map.of(CLASS, text));
    }

    /// As the guide has it, but for the places.
    private String configured() throws IOException {
        return Guide.block("yaml", "compensators:")
                .replace("/srv/guard/compensators", jars.toString())
                .replace("/srv/settings", rig.store().toString());
    }

    private void guard() throws Exception {
        rig.guard(configured());
    }

    /// What is said where it does not start.
    private String refusal() {
        var refused = assertThrows(InvalidConfiguration.class, this::guard);
        return refused.findings().stream().map(Diagnostic::render).collect(Collectors.joining("\n"));
    }

    @Test
    void a_session_is_planned_and_undone_byte_for_byte() throws Exception {
        pack("settings.jar", shown());
        guard();
        Files.writeString(rig.store().resolve("colour"), "blue\r\n\u00e4\"\\\n");
        Files.writeString(rig.store().resolve("empty"), "");
        Map<String, String> before = rig.state();
        rig.undoable("set", "colour", "red");
        rig.undoable("set", "size", "12");
        rig.undoable("unset", "colour", "");
        String session = rig.undoable("set", "empty", "full");
        Map<String, String> after = rig.state();
        assertNotEquals(before, after);

        var plan = rig.undo("sessions/" + session, "{\"plan\":true}");
        assertEquals(List.of("ready", "ready", "ready", "ready"), SettingsRig.states(plan), plan.text());
        assertEquals(after, rig.state());
        var undone = rig.undo("sessions/" + session);
        assertEquals(List.of("undone", "undone", "undone", "undone"), SettingsRig.states(undone), undone.text());
        assertEquals(before, rig.state());
        rig.assertSound();
    }

    @Test
    void what_somebody_changed_since_is_a_conflict_and_stays() throws Exception {
        pack("settings.jar", shown());
        guard();
        Files.writeString(rig.store().resolve("colour"), "blue");
        String call = "calls/" + rig.call("set", "colour", "red").text("callId");
        Files.writeString(rig.store().resolve("colour"), "foreign");

        assertEquals("conflict", rig.undo(call).problem());
        assertEquals("foreign", Files.readString(rig.store().resolve("colour")));

        Files.writeString(rig.store().resolve("colour"), "red");
        assertEquals(200, rig.undo(call).status());
        assertEquals("blue", Files.readString(rig.store().resolve("colour")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "throw new IllegalStateException();",
                "throw new AssertionError();",
                "throw new NoClassDefFoundError();",
                "throw new StackOverflowError();",
                "if (true) return null;",
                "if (true) return new Look.Seen(JsonObject.EMPTY, \"\", List.of());",
                "if (true) return new Look.Seen(JsonObject.EMPTY, null, List.of());",
                "if (true) return new Look.Unfit(null, null);",
            })
    void a_look_that_fails_leaves_the_call_without_undo(String fault) throws Exception {
        String line = "Path file = store.resolve(target.text(\"key\").orElseThrow());\n            JsonObject state";
        String broken = "if (target.text(\"key\").get().equals(\"odd\")) { " + fault + " }\n";
        assertTrue(shown().contains(line));
        pack("settings.jar", shown().replace(line, broken + line));
        guard();

        assertEquals("none", rig.call("set", "odd", "red").text("undo"));
        rig.undoable("set", "colour", "red");
        rig.require();
        assertEquals("deny", rig.call("set", "odd", "blue").text("effect"));
        assertEquals("red", Files.readString(rig.store().resolve("odd")));
        rig.undoable("set", "colour", "blue");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "throw new IllegalStateException();",
                "throw new NoClassDefFoundError();",
                "if (true) return null;",
                "if (true) return new Restored.Done();",
            })
    void putting_back_that_fails_is_in_doubt(String fault) throws Exception {
        String line = "Path file = store.resolve(target.text(\"key\").orElseThrow());\n            var value";
        assertTrue(shown().contains(line));
        String broken = "if (target.text(\"key\").get().equals(\"odd\")) { " + fault + " }\n";
        pack("settings.jar", shown().replace(line, broken + line));
        guard();

        String odd = rig.call("set", "odd", "red").text("callId");
        String session = rig.undoable("set", "colour", "red");
        var undone = rig.undo("sessions/" + session);
        assertEquals(List.of("undone", "in_doubt"), SettingsRig.states(undone), undone.text());
        assertTrue(undone.text().contains(odd), undone.text());
        assertEquals("red", Files.readString(rig.store().resolve("odd")));
        rig.assertSound();
    }

    @Test
    void without_the_provider_nothing_starts_and_the_line_is_named() throws Exception {
        assertTrue(
                refusal().contains("there is no provider `settings-files`; there is none in `compensators`"),
                refusal());
        pack("other.jar", shown().replace("settings-files", "others"));
        String told = refusal();
        assertTrue(told.contains("guardrail.yaml:6:") && told.contains("there is `others` [no-provider]"), told);
        assertTrue(told.contains(" | ") && told.contains("provider: settings-files"), told);

        pack("settings.jar", shown());
        assertTrue(refusal().contains("there is `others`"), "classes of one name: the first jar's counts");
        Files.delete(jars.resolve("other.jar"));
        guard();
        rig.undoable("set", "colour", "red");
    }

    @Test
    void two_of_one_name_start_nothing() throws Exception {
        pack("settings.jar", shown());
        Jar.write(
                jars.resolve("twice.jar"),
                List.of("example.Second"),
                Map.of("example.Second", shown().replace("class SettingsFiles", "class Second")));
        assertTrue(
                refusal()
                        .contains("`settings-files` is the name of several providers: `example.Second`,"
                                + " `example.SettingsFiles`"),
                refusal());
    }

    @Test
    void one_that_cannot_be_made_named_or_opened_starts_nothing() throws Exception {
        for (String body : List.of(
                "{ if (true) throw new IllegalStateException(\"no luck\"); }",
                "static { if (true) throw new IllegalStateException(\"no luck\"); }")) {
            pack(
                    "settings.jar",
                    shown().replace("implements CompensatorSource {", "implements CompensatorSource {" + body));
            assertTrue(refusal().contains("a provider cannot be used: "), refusal());
        }
        pack("settings.jar", shown().replace("return \"settings-files\";", "throw new NoClassDefFoundError();"));
        assertTrue(refusal().contains("a provider cannot be used: NoClassDefFoundError"), refusal());
        pack("settings.jar", shown().replace("return \"settings-files\";", "return \" \";"));
        assertTrue(refusal().contains("a provider has no name: example.SettingsFiles"), refusal());
        Jar.write(jars.resolve("settings.jar"), List.of("example.Nothing"), Map.of());
        assertTrue(refusal().contains("example.Nothing"), refusal());
        Files.writeString(jars.resolve("settings.jar"), "no jar");
        assertTrue(refusal().contains("there is none in `compensators`"), refusal());

        pack("settings.jar", shown().replace("with.text(\"store\")", "with.text(\"shop\")"));
        String told = refusal();
        assertTrue(
                told.contains("guardrail.yaml:6:")
                        && told.contains("provider `settings-files` did not open: IOException: `with` needs a `store`"),
                told);
        pack("settings.jar", shown().replace("JsonObject.with(\"key\", key)", "JsonObject.with(\"state\", key)"));
        assertTrue(refusal().contains("its target is no JSON Schema of an object, or has one of"), refusal());
        pack("settings.jar", shown().replace("return new Settings(Path.of(store).toRealPath());", "return null;"));
        assertTrue(refusal().contains("provider `settings-files` did not open: NullPointerException"), refusal());
    }

    @Test
    void jars_that_others_can_write_are_not_loaded() throws Exception {
        pack("settings.jar", shown().replace("return \"settings-files\";", "throw new NoClassDefFoundError();"));
        Path jar = jars.resolve("settings.jar");
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-r--"));
        String told = refusal();
        assertTrue(told.contains("settings.jar` can be written by others; run: chmod go-w"), told);
        assertTrue(!told.contains("NoClassDefFoundError"), told);
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(jars, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(refusal().contains("compensators` can be written by others"), refusal());
    }

    @Test
    void one_on_the_class_path_needs_no_directory() throws Exception {
        pack("settings.jar", shown());
        Path configuration = directory.resolve("guardrail.yaml");
        Served.write(configuration, configured().replaceFirst("compensators: .*\n", ""));
        String usual = System.getProperty("java.class.path");

        assertEquals(1, checked(configuration, usual));
        assertEquals(0, checked(configuration, usual + File.pathSeparator + jars.resolve("settings.jar")));
    }

    private int checked(Path configuration, String classPath) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        "dev.guardrail.server.cli.Guardrail",
                        "check",
                        "--config",
                        configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start()
                .waitFor();
    }

    @Test
    void check_reads_a_configuration_and_the_policies_that_it_names() throws Exception {
        pack("settings.jar", shown());
        Path rules = directory.resolve("rules.yaml");
        String text = "apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: r}\nrules:\n"
                + "  - {id: reads, match: {tools: [shop.get]}, effect: allow}\n";
        Served.write(rules, text);
        Path configuration = directory.resolve("guardrail.yaml");
        Served.write(configuration, "policies: [./rules.yaml]\n" + configured());
        assertEquals(0, check(configuration));

        Served.write(rules, text.replace("effect: allow", "effect: alow"));
        assertEquals(1, check(configuration));
        Served.write(rules, text);
        Files.delete(jars.resolve("settings.jar"));
        assertEquals(1, check(configuration));
    }

    private static int check(Path configuration) {
        return new picocli.CommandLine(new Check()).execute("--config", configuration.toString());
    }
}
