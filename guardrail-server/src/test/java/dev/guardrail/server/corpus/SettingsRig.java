package dev.guardrail.server.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.testing.HeldLog;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A server of settings that are files, and a guard before it that has something put them back.
public final class SettingsRig implements Closeable {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: settings}
            rules:
              - id: all
                match: {tools: ["shop.*"]}
                effect: allow
              - id: settings
                match: {tools: ["settings.undo:restore"]}
                effect: allow
            """;

    private final Path directory;
    private final Path store;
    private final ShopUpstream upstream;
    private Optional<Served> served = Optional.empty();

    /// @param directory that is there
    public SettingsRig(Path directory) throws IOException {
        this.directory = directory;
        this.store = Files.createDirectory(directory.resolve("store"));
        this.upstream = new ShopUpstream(this::answer);
        upstream.list(ShopUpstream.tool("set"), ShopUpstream.tool("unset"));
    }

    /// Where the settings are.
    public Path store() {
        return store;
    }

    /// Starts the guard, with the hook that the guide shows.
    ///
    /// @param configured as the guide configures what puts back: keys, and `servers:`
    public void guard(String configured) throws Exception {
        Path guard = directory.resolve("guard");
        if (Files.exists(guard.resolve("policies"))) {
            for (String file : List.of("rules.yaml", "tools.yaml")) Files.delete(guard.resolve("policies/" + file));
            Files.delete(guard.resolve("policies"));
        }
        int servers = configured.indexOf("servers:\n");
        served = Optional.of(Served.before(
                Files.createDirectories(guard),
                "shop: {url: \"" + upstream.url() + "\"}\n" + configured.substring(servers + "servers:\n".length())
                        + configured.substring(0, servers),
                Map.of("rules.yaml", RULES, "tools.yaml", Guide.block("yaml", "by: settings")),
                "unset"));
    }

    public Served served() {
        return served.orElseThrow();
    }

    /// From now on what cannot be undone does not run.
    public void require() throws IOException {
        Served.write(
                directory.resolve("guard/policies/rules.yaml"),
                RULES.replaceFirst("effect: allow", "effect: allow\n    undo: required"));
        served().reload();
    }

    private JsonObject answer(JsonObject params) {
        JsonObject arguments = params.object("arguments").orElseThrow();
        Path file = store.resolve(arguments.text("key").orElseThrow());
        try {
            if (params.text("name").orElseThrow().equals("unset")) Files.deleteIfExists(file);
            else Files.writeString(file, arguments.text("value").orElseThrow());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return ShopUpstream.texts("done");
    }

    public Served.Answer call(String tool, String key, String value) {
        var arguments = JsonObject.with("key", key).with("value", value).build();
        return served().post(
                        Served.CODER,
                        "/v1/calls",
                        JsonObject.with("tool", "shop." + tool)
                                .with("arguments", arguments)
                                .with("run", "guard")
                                .build()
                                .toString());
    }

    /// @return the session
    public String undoable(String tool, String key, String value) {
        var answer = call(tool, key, value);
        assertEquals("succeeded", answer.text("state"), answer.text());
        assertEquals("exact", answer.text("undo"), answer.text());
        return answer.text("session");
    }

    public Served.Answer undo(String target, String body) {
        return served().post(Served.ANN, "/v1/" + target + "/undo", body);
    }

    public Served.Answer undo(String target) {
        return undo(target, "{\"reason\":\"wrong\"}");
    }

    public static List<String> states(Served.Answer answer) {
        return answer.json().array("steps").orElseThrow().objects().stream()
                .map(step -> step.text("state").orElseThrow())
                .toList();
    }

    /// Everything that is there, by name, to the byte.
    public Map<String, String> state() throws IOException {
        try (var all = Files.list(store)) {
            var state = new TreeMap<String, String>();
            for (Path file : all.toList())
                state.put(file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            return state;
        }
    }

    public void assertSound() throws IOException {
        assertEquals(
                Optional.empty(),
                LogAudit.of(HeldLog.of(served().journal().store())).fault());
    }

    @Override
    public void close() throws IOException {
        if (served.isPresent()) served.get().close();
        upstream.close();
    }
}
