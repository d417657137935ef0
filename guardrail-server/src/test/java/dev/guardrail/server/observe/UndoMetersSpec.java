package dev.guardrail.server.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.corpus.FilesUpstream;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is counted of calls that are taken back, each by what the answer said.
final class UndoMetersSpec {
    private static final Pattern SERIES =
            Pattern.compile("(?m)^guardrail_undo_total\\{outcome=\"([a-z_]+)\"} ([0-9.]+)$");

    private static final String DENIED = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: frozen}
            rules:
              - {id: frozen, match: {tools: [files.write_file]}, when: call.purpose == "undo", effect: deny}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path files;

    @SuppressWarnings("NullAway.Init") // set before each
    private FilesUpstream upstream;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    @BeforeEach
    void start() throws Exception {
        files = Files.createDirectory(directory.resolve("files"));
        upstream = new FilesUpstream(files);
        served = upstream.guarded(
                Files.createDirectory(directory.resolve("guard")),
                FilesUpstream.blocks().getFirst());
    }

    @AfterEach
    void end() throws IOException {
        served.close();
        upstream.close();
    }

    private Served.Answer call(String tool, JsonObject arguments) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                JsonObject.with("tool", "files." + tool)
                        .with("arguments", arguments)
                        .with("run", "guard")
                        .build()
                        .toString());
    }

    private Served.Answer write(String path, String content) {
        return call(
                "write_file",
                JsonObject.with("path", path).with("content", content).build());
    }

    private void undo(Served.Answer call) {
        served.post(Served.ANN, "/v1/calls/" + call.text("callId") + "/undo", "{\"reason\":\"wrong\"}");
    }

    private Map<String, Double> counted() {
        var counted = new TreeMap<String, Double>();
        var series = SERIES.matcher(served.get(Served.SAM, "/metrics").text());
        while (series.find()) counted.put(series.group(1), Double.valueOf(series.group(2)));
        return counted;
    }

    private static Map<String, Double> of(int undone, int conflict, int cannot, int denied, int held, int failed) {
        return new TreeMap<>(Map.of(
                "undone",
                (double) undone,
                "conflict",
                (double) conflict,
                "cannot",
                (double) cannot,
                "denied",
                (double) denied,
                "held",
                (double) held,
                "failed",
                (double) failed,
                "in_doubt",
                0.0));
    }

    @Test
    void every_outcome_has_its_count_and_a_plan_has_none() throws IOException {
        assertEquals(of(0, 0, 0, 0, 0, 0), counted());
        Served.Answer first = write("a", "one");
        String session = "/v1/sessions/" + first.text("session") + "/undo";
        served.post(Served.ANN, session, "{\"plan\":true}");
        assertEquals(of(0, 0, 0, 0, 0, 0), counted(), "a plan changes nothing");
        undo(first);
        assertEquals(of(1, 0, 0, 0, 0, 0), counted());
        undo(first);
        assertEquals(of(1, 0, 0, 0, 0, 0), counted(), "it was undone before");

        Served.Answer changed = write("b", "one");
        Files.writeString(files.resolve("b"), "foreign");
        undo(changed);
        Served.Answer sent = call("send_message", JsonObject.EMPTY);
        undo(sent);
        assertEquals(of(1, 1, 1, 0, 0, 0), counted());

        served.post(Served.ANN, session, "{\"reason\":\"all\"}");
        assertEquals(of(1, 2, 2, 0, 0, 0), counted(), "each step that was not undone before counts again");
    }

    @Test
    void what_is_denied_held_or_fails_is_told_apart() throws IOException {
        Files.writeString(files.resolve("a"), "old");
        Served.Answer failing = write("a", "new");
        upstream.before.set(params -> {
            if (params.text("name").equals(Optional.of("write_file")))
                throw new UncheckedIOException(new IOException("EROFS: read-only file system"));
        });
        undo(failing);
        upstream.before.set(params -> {});
        assertEquals(of(0, 0, 0, 0, 0, 1), counted());

        Files.writeString(files.resolve("m"), "moved");
        Served.Answer held = call(
                "move_file",
                JsonObject.with("source", "m").with("destination", "n").build());
        Path policies = directory.resolve("guard/policies");
        Served.write(policies.resolve("frozen.yaml"), DENIED);
        Served.write(policies.resolve("careful.yaml"), FilesUpstream.policies("undo-of-moves-asks"));
        served.reload();
        undo(failing);
        undo(held);
        assertEquals(of(0, 0, 0, 1, 1, 1), counted());
    }
}
