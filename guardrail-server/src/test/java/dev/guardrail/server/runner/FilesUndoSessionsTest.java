package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.server.wiring.StarterPolicy;
import dev.guardrail.testing.HeldLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A hundred sessions write, overwrite, move and remove at random, over HTTP and at the same time, and are undone: all
/// that they changed is then as it was, to the byte, the mode and the nanosecond.
@Timeout(300)
class FilesUndoSessionsTest {
    private static final int SESSIONS = 100;
    private static final int DEEDS = 20;

    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: all-of-it, owner: platform}
            rules:
              - id: files
                match: {tools: ["workspace.*"]}
                when: tool.effect != "read"
                effect: allow
                undo: required
              - {id: back, match: {tools: ["workspace.undo:restore"]}, effect: allow}
            """;

    private static Path work;
    private static Served served;

    private final Map<String, Integer> done = new ConcurrentHashMap<>();

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        Path policies = Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        for (var source : StarterPolicy.sources())
            if (source.name().endsWith("tools.yaml")) Served.write(policies.resolve("tools.yaml"), source.text());
        Served.write(policies.resolve("rules.yaml"), RULES);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                policies: [./policies]
                servers:
                  workspace: {builtin: workspace, root: ./work}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver]}
                """);
        served = Served.in(directory);
        work = directory.resolve("work");
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    @Test
    void every_session_is_undone_to_the_byte() throws Exception {
        try (var sessions = Executors.newFixedThreadPool(4)) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < SESSIONS; i++) {
                int seed = i;
                running.add(sessions.submit(() -> {
                    session(seed);
                    return null;
                }));
            }
            for (Future<?> session : running) session.get();
        }

        for (String tool : List.of("fs_write", "fs_move", "fs_delete"))
            assertNotEquals(0, done.getOrDefault(tool, 0), tool);
        assertEquals(
                Optional.empty(),
                LogAudit.of(HeldLog.of(served.journal().store())).fault());
    }

    private void session(int seed) throws Exception {
        var files = new RandomFiles(work, "s" + seed, seed);
        var opened = served.post(Served.CODER, "/v1/sessions", "{}");
        String session = opened.text("session");
        var states = new ArrayList<SortedMap<String, String>>();
        var calls = new ArrayList<String>();
        states.add(FilesRig.tree(files.place()));
        while (calls.size() < DEEDS) {
            calls.add(does(opened.text("token"), files.next()));
            states.add(FilesRig.tree(files.place()));
            assertNotEquals(states.get(calls.size() - 1), states.getLast(), "the call changed nothing");
        }
        // Every fifth session is first undone from a point somewhere in it.
        if (seed % 5 == 0) {
            int point = seed / 5 % DEEDS;
            var later = JsonArray.ofTexts(calls.subList(point, DEEDS));
            undo(session, DEEDS - point, JsonObject.with("only", later));
            same(states.get(point), FilesRig.tree(files.place()), seed);
        }
        assertNotEquals(states.getFirst(), states.getLast());
        undo(session, DEEDS, JsonObject.builder());
        same(states.getFirst(), FilesRig.tree(files.place()), seed);
    }

    private String does(String token, RandomFiles.Deed deed) {
        var answer = served.post(
                token,
                "/v1/calls",
                JsonObject.with("tool", "workspace." + deed.tool())
                        .with("arguments", deed.arguments())
                        .with("run", "guard")
                        .build()
                        .toString());
        assertEquals("succeeded", answer.text("state"), () -> deed + ": " + answer.text());
        assertEquals("exact", answer.text("undo"), () -> deed + ": " + answer.text());
        done.merge(deed.tool(), 1, Integer::sum);
        return answer.text("callId");
    }

    private static void undo(String session, int steps, JsonObject.Builder wish) {
        var undone = served.post(
                Served.ANN,
                "/v1/sessions/" + session + "/undo",
                wish.with("reason", "wrong").build().toString());
        var states = undone.json().array("steps").orElseThrow().objects().stream()
                .map(step -> step.text("state").orElseThrow())
                .collect(Collectors.groupingBy(state -> state, HashMap::new, Collectors.counting()));
        assertEquals(Map.of("undone", (long) steps), states, undone::text);
    }

    private static void same(SortedMap<String, String> before, SortedMap<String, String> now, int seed) {
        assertEquals(String.join("\n", lines(before)), String.join("\n", lines(now)), () -> "seed " + seed);
    }

    private static List<String> lines(SortedMap<String, String> tree) {
        return tree.entrySet().stream().map(Map.Entry::toString).toList();
    }
}
