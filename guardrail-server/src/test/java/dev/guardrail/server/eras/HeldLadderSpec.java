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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Calls that nobody has decided while their client waited: a task, an address, or the text, by what it declared.
@Timeout(120)
class HeldLadderSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: held}
            rules:
              - id: ask
                match: {tools: ["shop.run"]}
                effect: require_approval
            """;
    private static final String TASKS = "{\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}";
    private static final String ADDRESSES = "{\"elicitation\":{\"url\":{}}}";
    private static final String RUN = ",\"name\":\"run\",\"arguments\":{\"a\":\"x\"}";

    private PlayedServer server;
    private Stage stage;
    private Client client;

    private void open(Path directory, boolean modern) throws Exception {
        server = new PlayedServer(modern, tool("run"));
        var ran = PlayedServer.parse("{\"content\":[{\"type\":\"text\",\"text\":\"ran\"}]}");
        server.on("tools/call run", turn -> turn.result(modern ? PlayedServer.complete(ran) : ran));
        stage = new Stage(directory, server, RULES);
    }

    @BeforeEach
    void modern(@TempDir Path directory) throws Exception {
        open(directory, true);
        client = stage.modern();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        stage.close();
    }

    private JsonObject ask(Client who, String method, String capabilities, String params) {
        return who.ask(1, method, capabilities, params, Map.of()).json();
    }

    private JsonObject result(String method, String capabilities, String params) {
        var answer = ask(client, method, capabilities, params);
        return answer.object("result").orElseThrow(() -> new AssertionError(answer));
    }

    private JsonObject ticket() {
        var items = stage.guard
                .get(Served.ANN, "/v1/approvals?state=pending")
                .json()
                .array("items");
        return items.orElse(JsonArray.EMPTY).objects().getFirst();
    }

    private void vote(String how) {
        var ticket = ticket();
        var answer = stage.guard.post(
                Served.ANN,
                "/v1/approvals/" + ticket.text("id").orElseThrow() + "/" + how,
                JsonObject.with(
                                "argumentsDigest",
                                ticket.text("argumentsDigest").orElseThrow())
                        .with("reason", "seen")
                        .build()
                        .toString());
        assertEquals(200, answer.status(), answer::text);
    }

    private static String text(JsonObject result) {
        return result.array("content")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("text")
                .orElseThrow();
    }

    private int runs() {
        return server.all("tools/call").size();
    }

    private JsonObject task() {
        var task = result("tools/call", TASKS, RUN);
        assertEquals("task", task.text("resultType").orElseThrow(), task::toString);
        assertEquals("working", task.text("status").orElseThrow());
        assertTrue(task.integer("ttlMs").orElseThrow() > 0);
        assertTrue(task.has("pollIntervalMs") && task.has("createdAt") && task.has("lastUpdatedAt"));
        return task;
    }

    private static String named(JsonObject task) {
        return ",\"taskId\":\"" + task.text("taskId").orElseThrow() + "\"";
    }

    private JsonObject taskNow(JsonObject task) {
        return ask("tasks/get", task);
    }

    private JsonObject ask(String method, JsonObject task) {
        var answer =
                client.ask(2, method, TASKS, named(task), named(task, client)).json();
        return answer.object("result").orElseThrow(() -> new AssertionError(answer));
    }

    private static Map<String, String> named(JsonObject task, Client anyone) {
        return Map.of("Mcp-Name", task.text("taskId").orElseThrow());
    }

    @Test
    void a_task_runs_when_it_is_asked_for_after_approval_and_once() {
        var task = task();
        assertEquals("working", taskNow(task).text("status").orElseThrow());
        assertEquals(0, runs());
        vote("approve");
        assertEquals(0, runs(), "an approval alone runs nothing");
        for (int time = 0; time < 3; time++) {
            var done = taskNow(task);
            assertEquals("completed", done.text("status").orElseThrow(), done::toString);
            assertEquals("ran", text(done.object("result").orElseThrow()));
        }
        assertEquals(1, runs());
    }

    @Test
    void a_task_that_a_person_denies_is_complete_with_the_denial() {
        var task = task();
        vote("deny");
        var done = taskNow(task);
        assertEquals("completed", done.text("status").orElseThrow());
        assertTrue(text(done.object("result").orElseThrow()).contains("seen"), done::toString);
        assertEquals(0, runs());
    }

    @Test
    void a_call_that_a_person_changed_runs_changed_and_its_agent_is_told_beside_the_servers_answer() {
        var task = task();
        var ticket = ticket();
        String path = "/v1/approvals/" + ticket.text("id").orElseThrow() + "/edit";
        var edited = stage.guard.post(
                Served.ANN,
                path,
                "{\"argumentsDigest\":\"" + ticket.text("argumentsDigest").orElseThrow()
                        + "\",\"arguments\":{\"a\":\"safer\"}}");
        assertEquals(200, edited.status(), edited::text);
        vote("approve");

        var done = taskNow(task).object("result").orElseThrow();
        assertEquals("ran", text(done));
        var told = done.array("content")
                .orElseThrow()
                .objects()
                .getLast()
                .text("text")
                .orElseThrow();
        assertTrue(told.contains("A person changed the arguments") && told.contains("safer"), told);
        assertEquals(1, runs());
        assertTrue(server.all("tools/call").toString().contains("safer"));
    }

    @Test
    void a_task_is_nobody_elses() {
        var task = task();
        try (var other = Client.modern(stage.guard, Served.OTHER, "shop")) {
            for (String method : new String[] {"tasks/get", "tasks/cancel"}) {
                var answer = other.ask(1, method, TASKS, named(task), named(task, other))
                        .json();
                assertEquals(
                        -32602,
                        answer.object("error").orElseThrow().integer("code").orElseThrow(),
                        answer::toString);
            }
        }
        vote("approve");
        assertEquals("completed", taskNow(task).text("status").orElseThrow(), "it was not cancelled");
    }

    @Test
    void a_task_that_its_client_cancels_never_runs() {
        var task = task();
        assertEquals("complete", ask("tasks/cancel", task).text("resultType").orElseThrow());
        assertEquals("cancelled", taskNow(task).text("status").orElseThrow());
        assertEquals(0, runs());
        assertEquals(0, stage.entries("executed"));
    }

    @Test
    void a_user_is_shown_where_to_decide_and_the_call_goes_on_with_its_sealed_state() throws Exception {
        var wanted = result("tools/call", ADDRESSES, RUN);
        assertEquals("input_required", wanted.text("resultType").orElseThrow());
        var requests = wanted.object("inputRequests").orElseThrow();
        var question = requests.object("dev.guardrail/approval").orElseThrow();
        assertEquals("elicitation/create", question.text("method").orElseThrow());
        var params = question.object("params").orElseThrow();
        assertEquals("url", params.text("mode").orElseThrow());
        String ticket = ticket().text("id").orElseThrow();
        String address = params.text("url").orElseThrow();
        assertTrue(address.endsWith("/approvals/" + ticket), address);
        var page = stage.guard.send("", "GET", "/approvals/" + ticket, "", Map.of());
        assertEquals(200, page.status());
        assertTrue(page.text().contains(ticket) && !page.text().contains("shop"), page::text);
        vote("approve");
        String state = wanted.text("requestState").orElseThrow();
        assertEquals("ran", text(result("tools/call", ADDRESSES, RUN + looked("accept", state))));
        assertEquals(1, runs());
        assertFalse(server.all("tools/call").getFirst().params().has("inputResponses"), "it asked nothing itself");
        assertFalse(server.all("tools/call").getFirst().params().has("requestState"));
    }

    private static String looked(String action, String state) {
        return ",\"inputResponses\":{\"dev.guardrail/approval\":{\"action\":\"" + action + "\"}},\"requestState\":\""
                + state + "\"";
    }

    @Test
    void a_user_who_would_not_look_is_not_asked_again() {
        var wanted = result("tools/call", ADDRESSES, RUN);
        var told = result(
                "tools/call",
                ADDRESSES,
                RUN + looked("decline", wanted.text("requestState").orElseThrow()));
        assertTrue(text(told).startsWith("PENDING_APPROVAL apr_"), told::toString);
        assertEquals("complete", told.text("resultType").orElseThrow());
        assertEquals(0, runs());
    }

    @Test
    void a_client_that_declares_nothing_reads_the_text() {
        var told = result("tools/call", "{}", RUN);
        assertTrue(text(told).startsWith("PENDING_APPROVAL apr_"), told::toString);
        vote("approve");
        assertEquals("ran", text(result("tools/call", "{}", RUN)));
        assertEquals(1, runs());
    }

    @Test
    void a_user_of_the_first_era_is_shown_where_to_decide_on_the_stream_of_the_call(@TempDir Path other)
            throws Exception {
        close();
        open(other, false);
        client = Client.legacy(stage.guard, Served.CODER, "shop", ADDRESSES);
        try (var stream = client.post(Client.call(5, "run", ""))) {
            var asked = stream.event().json();
            assertEquals("elicitation/create", asked.text("method").orElseThrow());
            var params = asked.object("params").orElseThrow();
            assertEquals(
                    ticket().text("id").orElseThrow(),
                    params.text("elicitationId").orElseThrow());
            client.reply(asked, "\"result\":{\"action\":\"accept\"}");
            await(() -> runs() == 0);
            vote("approve");
            var answer = stream.all().getLast().json();
            assertEquals("ran", text(answer.object("result").orElseThrow(() -> new AssertionError(answer))));
        }
        assertEquals(1, runs());
    }

    @Test
    void a_user_of_the_first_era_who_would_not_look_leaves_the_text(@TempDir Path other) throws Exception {
        close();
        open(other, false);
        client = Client.legacy(stage.guard, Served.CODER, "shop", ADDRESSES);
        try (var stream = client.post(Client.call(5, "run", ""))) {
            client.reply(stream.event().json(), "\"result\":{\"action\":\"decline\"}");
            var answer = stream.all().getLast().json();
            assertTrue(text(answer.object("result").orElseThrow()).startsWith("PENDING_APPROVAL"), answer::toString);
        }
        assertEquals(0, runs());
    }
}
