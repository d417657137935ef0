package dev.guardrail.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.corpus.ShopUpstream;
import dev.guardrail.server.upstream.resource.Shelf;
import dev.guardrail.server.upstream.resource.Shelf.Manner;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.testing.HeldLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an agent has another server change on an HTTP server, taken back by the guard.
final class ResourcesUndoSpec {
    private static final int EFFECTS = 20;

    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: customers}
            rules:
              - id: all
                match: {tools: ["shop.*"]}
                effect: allow
              - id: resources
                match: {tools: ["crm.undo:restore"]}
                effect: allow
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: shop
            tools:
              save: {effect: write, undo: {by: crm, target: {path: "customers/${args.id}"}}}
              remove: {effect: destructive, undo: {by: crm, target: {path: "customers/${args.id}"}}}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Shelf shelf;

    @SuppressWarnings("NullAway.Init") // set before each
    private ShopUpstream upstream;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    @BeforeEach
    void start() throws Exception {
        shelf = new Shelf();
        upstream = new ShopUpstream(this::answer);
        upstream.list(ShopUpstream.tool("save"), ShopUpstream.tool("remove"));
        served = Served.before(
                directory,
                "shop: {url: \"" + upstream.url() + "\"}\n  crm: {builtin: http, url: \"" + shelf.base() + "\"}",
                Map.of("rules.yaml", RULES),
                "remove");
    }

    @AfterEach
    void end() throws Exception {
        served.close();
        upstream.close();
        shelf.close();
    }

    private JsonObject answer(JsonObject params) {
        JsonObject arguments = params.object("arguments").orElseThrow();
        String path = "customers/" + arguments.text("id").orElseThrow();
        if (params.text("name").orElseThrow().equals("remove")) shelf.delete(path);
        else
            shelf.put(
                    path,
                    "application/json",
                    arguments.text("text").orElseThrow().getBytes(UTF_8));
        return ShopUpstream.texts("done");
    }

    private Served.Answer call(String tool, String id, String text) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                JsonObject.with("tool", "shop." + tool)
                        .with(
                                "arguments",
                                JsonObject.with("id", id).with("text", text).build())
                        .with("run", "guard")
                        .build()
                        .toString());
    }

    private Served.Answer undo(String target) {
        return served.post(Served.ANN, "/v1/" + target + "/undo", "{\"reason\":\"wrong\"}");
    }

    private static List<String> states(Served.Answer answer) {
        return answer.json().array("steps").orElseThrow().objects().stream()
                .map(step -> step.text("state").orElseThrow())
                .toList();
    }

    @RepeatedTest(3)
    void a_session_is_undone_byte_for_byte(RepetitionInfo repetition) throws Exception {
        var random = new Random(repetition.getCurrentRepetition());
        shelf.put("customers/1", "application/json", "{\"name\":\"Ann\"}".getBytes(UTF_8));
        shelf.put("customers/2", "image/png", new byte[] {(byte) 0xFF, 0, 7});
        Map<String, String> before = shelf.all();
        String session = "";
        for (int effect = 0; effect < EFFECTS; effect++) {
            String tool = random.nextInt(3) == 0 ? "remove" : "save";
            var answer = call(tool, String.valueOf(1 + random.nextInt(4)), "{\"n\":" + effect + "}");
            assertEquals("succeeded", answer.text("state"), answer.text());
            assertEquals("exact", answer.text("undo"), answer.text());
            session = answer.text("session");
        }
        assertNotEquals(before, shelf.all());

        for (int undone = 0; undone < EFFECTS; ) {
            var answer = undo("sessions/" + session);
            List<String> states = states(answer);
            undone = (int) states.stream().filter("undone"::equals).count();
            assertEquals(
                    List.of(),
                    states.stream()
                            .filter(state -> !List.of("undone", "ready").contains(state))
                            .toList(),
                    answer.text());
        }

        assertEquals(before, shelf.all());
        assertEquals(
                Optional.empty(),
                LogAudit.of(HeldLog.of(served.journal().store())).fault());
    }

    @Test
    void what_somebody_changed_since_is_a_conflict_and_stays() {
        shelf.put("customers/1", "before");
        String call = "calls/" + call("save", "1", "after").text("callId");
        shelf.put("customers/1", "foreign");

        assertEquals("conflict", undo(call).problem());
        assertEquals("foreign", shelf.text("customers/1"));

        shelf.put("customers/1", "application/json", "after".getBytes(UTF_8));
        assertEquals(200, undo(call).status());
        assertEquals("before", shelf.text("customers/1"));
    }

    @Test
    void what_cannot_be_kept_runs_and_says_so() {
        shelf.put("customers/1", "before");
        assertEquals("exact", call("save", "1", "after").text("undo"));
        assertEquals("none", call("save", "../1", "elsewhere").text("undo"));
        shelf.manner = Manner.WEAK;
        var answer = call("save", "1", "later");
        assertEquals("none", answer.text("undo"), answer.text());
        assertEquals("not-undoable", undo("calls/" + answer.text("callId")).problem());
        assertEquals("later", shelf.text("customers/1"));
    }
}
