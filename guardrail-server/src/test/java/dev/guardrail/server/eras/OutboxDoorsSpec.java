package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.PlayedServer.await;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Calls that policy delays, through both doors of a whole guard, before a server that counts what reaches it.
@Timeout(120)
class OutboxDoorsSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: delayed}
            rules:
              - {id: soon, match: {tools: [shop.soon]}, effect: allow, delay: 500ms}
              - {id: later, match: {tools: [shop.later]}, effect: allow, delay: 1h}
              - {id: now, match: {tools: [shop.now]}, effect: allow}
              - id: asked
                match: {tools: [shop.asked]}
                effect: require_approval
                delay: 500ms
            """;
    private static final String TASKS = "{\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}";

    @TempDir
    private Path directory;

    private PlayedServer server;
    private Stage stage;
    private Client client;

    @BeforeEach
    void open() throws Exception {
        server = new PlayedServer(true, tool("soon"), tool("later"), tool("now"), tool("asked"));
        var ran = PlayedServer.complete("ran");
        for (String name : List.of("soon", "later", "now", "asked"))
            server.on("tools/call " + name, turn -> turn.result(ran));
        stage = new Stage(directory, server, RULES);
        client = stage.modern();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        stage.close();
    }

    private Served guard() {
        return stage.guard;
    }

    private Served.Answer propose(String tool, String run) {
        return guard().post(
                        Served.CODER,
                        "/v1/calls",
                        "{\"tool\":\"shop." + tool + "\",\"arguments\":{\"a\":1},\"run\":\"" + run + "\"}");
    }

    private Served.Answer queued(String tool, String run) {
        var answer = propose(tool, run);
        assertEquals(202, answer.status(), answer::text);
        assertEquals("permitted", answer.text("state"));
        assertTrue(answer.json().isTrue("queued"), answer::text);
        assertFalse(answer.json().isTrue("executed"), answer::text);
        assertTrue(answer.json().has("runsAt") && !answer.json().has("leaseExpiresAt"), answer::text);
        return answer;
    }

    private Served.Answer state(String call, String wait) {
        return guard().get(Served.CODER, "/v1/calls/" + call + "?wait=" + wait);
    }

    private Served.Answer cancel(String key, String call) {
        return guard().post(key, "/v1/calls/" + call + "/cancel", "{\"reason\":\"not this one\"}");
    }

    private int runs() {
        return server.all("tools/call").size();
    }

    private List<JsonObject> outbox(String key) {
        return guard().get(key, "/v1/outbox")
                .json()
                .array("items")
                .orElse(JsonArray.EMPTY)
                .objects();
    }

    @Test
    void a_call_runs_once_when_its_time_has_come() {
        String call = queued("soon", "guard").text("callId");
        assertEquals(call, propose("soon", "guard").text("callId"), "an identical repeat meets it");

        var ran = state(call, "30s");

        assertEquals("succeeded", ran.text("state"), ran::text);
        assertTrue(ran.json().has("runsAt") && !ran.json().has("queued"), ran::text);
        assertEquals(1, runs());
        assertEquals(List.of(), outbox(Served.CODER));
        assertEquals(200, propose("now", "guard").status());
        assertEquals(2, runs());
    }

    @Test
    void its_agent_sees_it_and_takes_it_back() {
        var queued = queued("later", "guard");
        String call = queued.text("callId");
        var shown = outbox(Served.CODER).getFirst();
        assertEquals(call, shown.text("callId").orElseThrow());
        assertEquals(queued.text("runsAt"), shown.text("runsAt").orElseThrow());
        assertEquals(List.of(), outbox(Served.OTHER));
        assertEquals(1, outbox(Served.SAM).size());
        assertEquals(404, cancel(Served.OTHER, call).status());
        assertEquals(403, cancel(Served.SAM, call).status());

        var cancelled = cancel(Served.CODER, call);

        assertEquals(200, cancelled.status(), cancelled::text);
        assertEquals("cancelled", cancelled.text("state"));
        assertEquals(List.of(), outbox(Served.SAM));
        assertEquals(200, cancel(Served.CODER, call).status());
        assertEquals(0, runs());
        assertEquals(1, stage.entries("outbox_closed"));
    }

    @Test
    void an_operator_takes_it_back_and_the_agent_is_told() {
        String call = queued("later", "guard").text("callId");

        assertEquals(200, cancel(Served.ANN, call).status());

        assertTrue(state(call, "0s").text("message").contains("not this one"));
        assertEquals(0, runs());
    }

    @Test
    void a_cancel_that_comes_too_late_is_a_conflict() {
        String call = queued("soon", "guard").text("callId");
        assertEquals("succeeded", state(call, "30s").text("state"));

        var late = cancel(Served.CODER, call);

        assertEquals(409, late.status());
        assertEquals("conflict", late.problem());
        assertEquals(1, runs());
    }

    @Test
    void a_caller_gets_its_permit_when_the_time_has_come() {
        String call = queued("soon", "caller").text("callId");

        var permitted = state(call, "30s");

        assertEquals("permitted", permitted.text("state"));
        assertTrue(permitted.json().has("leaseExpiresAt") && permitted.json().has("arguments"), permitted::text);
        assertEquals(
                200,
                guard().post(Served.CODER, "/v1/calls/" + call + "/result", "{\"ok\":true}")
                        .status());
        assertEquals(0, runs());
    }

    @Test
    void an_approved_call_waits_too() {
        String call = propose("asked", "guard").text("callId");
        var ticket = guard().get(Served.ANN, "/v1/approvals")
                .json()
                .array("items")
                .orElseThrow()
                .objects()
                .getFirst();
        var vote = guard().post(
                        Served.ANN,
                        "/v1/approvals/" + ticket.text("id").orElseThrow() + "/approve",
                        "{\"argumentsDigest\":\""
                                + ticket.text("argumentsDigest").orElseThrow() + "\"}");
        assertEquals(200, vote.status(), vote::text);

        assertEquals(
                202,
                guard().post(Served.CODER, "/v1/calls/" + call + "/execute", "{}")
                        .status());

        assertEquals("succeeded", state(call, "30s").text("state"));
        assertEquals(1, runs());
    }

    @Test
    void the_end_of_its_session_ends_it() {
        var queued = queued("later", "guard");

        assertEquals(
                200,
                guard().post(Served.ROOT, "/v1/sessions/" + queued.text("session") + "/end", "{}")
                        .status());

        assertEquals(List.of(), outbox(Served.SAM));
        var state = guard().get(Served.SAM, "/v1/calls/" + queued.text("callId"));
        assertEquals("cancelled", state.text("state"), state::text);
    }

    @Test
    void a_restart_forgets_nothing() throws Exception {
        String call = queued("soon", "guard").text("callId");
        String later = queued("later", "guard").text("callId");
        guard().close();

        try (var again = Stage.serve(directory, "{url: \"" + server.url() + "\"}", RULES)) {
            await(() ->
                    again.get(Served.CODER, "/v1/calls/" + call).text("state").equals("succeeded"));
            assertEquals(
                    later,
                    again.get(Served.SAM, "/v1/outbox")
                            .json()
                            .array("items")
                            .orElseThrow()
                            .objects()
                            .getFirst()
                            .text("callId")
                            .orElseThrow());
        }
        assertEquals(1, runs());
    }

    private JsonObject call(String capabilities, String tool) {
        var answer = client.ask(
                        1,
                        "tools/call",
                        capabilities,
                        ",\"name\":\"" + tool + "\",\"arguments\":{\"a\":\"x\"}",
                        Map.of())
                .json();
        return answer.object("result").orElseThrow(() -> new AssertionError(answer));
    }

    private JsonObject task(String method, JsonObject task) {
        String id = task.text("taskId").orElseThrow();
        var answer = client.ask(2, method, TASKS, ",\"taskId\":\"" + id + "\"", Map.of("Mcp-Name", id))
                .json();
        return answer.object("result").orElseThrow(() -> new AssertionError(answer));
    }

    private static String text(JsonObject result) {
        return result.array("content")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("text")
                .orElseThrow();
    }

    @Test
    void an_mcp_client_without_tasks_is_told_not_to_repeat_it() {
        var queued = call("{}", "soon");

        assertTrue(queued.isTrue("isError"), queued::toString);
        String text = text(queued);
        assertTrue(text.startsWith("QUEUED call_") && text.contains("Do not repeat."), text);
        var decision = queued.object("_meta")
                .orElseThrow()
                .object("dev.guardrail/decision")
                .orElseThrow();
        assertTrue(decision.isTrue("queued") && decision.has("runsAt") && !decision.isTrue("executed"));
        assertEquals(text, text(call("{}", "soon")), "a repeat meets the same call");
        String id = decision.text("callId").orElseThrow();
        assertEquals("succeeded", state(id, "30s").text("state"));
        assertEquals(1, runs());
    }

    @Test
    void an_mcp_task_is_done_when_its_time_has_come() {
        var task = call(TASKS, "soon");
        assertEquals("task", task.text("resultType").orElseThrow(), task::toString);
        assertEquals("working", task.text("status").orElseThrow());

        await(() -> task("tasks/get", task).text("status").orElseThrow().equals("completed"));

        assertEquals("ran", text(task("tasks/get", task).object("result").orElseThrow()));
        assertEquals(1, runs());
    }

    @Test
    void an_mcp_task_is_taken_back() {
        var task = call(TASKS, "later");
        assertEquals("working", task("tasks/get", task).text("status").orElseThrow());

        task("tasks/cancel", task);

        assertEquals("cancelled", task("tasks/get", task).text("status").orElseThrow());
        assertEquals(List.of(), outbox(Served.SAM));
        assertEquals(0, runs());
    }

    @Test
    void an_evaluation_is_denied() {
        var answer = guard().post(Served.CODER, "/access/v1/evaluation", """
                        {"subject":{"type":"agent","id":"coder"},"action":{"name":"tools/call"},
                        "resource":{"type":"tool","id":"shop.later"},"context":{"arguments":{}}}""");

        assertEquals(200, answer.status(), answer::text);
        assertFalse(answer.json().isTrue("decision"), answer::text);
        assertEquals(
                "delayed",
                answer.json().object("context").orElseThrow().text("reason").orElseThrow(),
                answer::text);
    }
}
