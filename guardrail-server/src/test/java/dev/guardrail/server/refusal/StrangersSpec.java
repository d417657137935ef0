package dev.guardrail.server.refusal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What one client has is nothing to another: sessions, questions, sealed state, tasks, streams, requests.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class StrangersSpec {
    private static final int INVALID = -32600;
    private static final int PARAMS = -32602;

    @SuppressWarnings("NullAway.Init") // set before all
    private House house;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        house = House.in(directory);
    }

    @AfterAll
    void stop() throws IOException {
        house.close();
    }

    private static String other(String session) {
        char last = session.charAt(session.length() - 1);
        return session.substring(0, session.length() - 1) + (last == 'A' ? 'B' : 'A');
    }

    @TestFactory
    Stream<DynamicTest> a_session_that_is_not_the_callers_is_refused() {
        var tests = new ArrayList<DynamicTest>();
        for (String method : List.of("POST", "GET", "DELETE")) {
            tests.add(dynamicTest(method + ": made up", () -> {
                var agent = house.agent();
                house.refused(agent, request(method, agent, "no-such-session"), 404, INVALID, "unknown-session");
            }));
            tests.add(dynamicTest(method + ": one letter beside", () -> {
                var agent = house.agent();
                String session = house.open("old", agent);
                house.refused(agent, request(method, agent, other(session)), 404, INVALID, "unknown-session");
                house.passed(house.legacy(agent, session, "1", "ls", "{}"));
            }));
            tests.add(dynamicTest(method + ": another agent's", () -> {
                var agent = house.agent();
                var victim = house.agent();
                String session = house.open("old", victim);
                var answer = house.refused(agent, request(method, agent, session), 404, INVALID, "foreign-session");
                assertTrue(answer.body().contains("\"unknown-session\""), "it says what it says of any: " + answer);
                assertFalse(answer.body().contains("foreign"), answer::toString);
                house.passed(house.legacy(victim, session, "1", "ls", "{}"));
                assertEquals(List.of(), house.faults(victim));
            }));
            tests.add(dynamicTest(method + ": of another server", () -> {
                var agent = house.agent();
                String session = house.open("workspace", agent);
                house.refused(agent, request(method, agent, session), 404, INVALID, "foreign-session");
            }));
            tests.add(dynamicTest(method + ": two at a time", () -> {
                var agent = house.agent();
                String session = house.open("old", agent);
                var two = request(method, agent, session).also("Mcp-Session-Id", session);
                house.refused(agent, two, 400, INVALID, "no-session");
            }));
            tests.add(dynamicTest(method + ": none", () -> {
                var agent = house.agent();
                house.refused(agent, request(method, agent, "").without("Mcp-Session-Id"), 400, INVALID, "no-session");
            }));
            tests.add(dynamicTest(method + ": ended", () -> {
                var agent = house.agent();
                String session = house.open("old", agent);
                assertEquals(204, request("DELETE", agent, session).send().status());
                house.refused(agent, request(method, agent, session), 404, INVALID, "unknown-session");
            }));
        }
        return tests.stream();
    }

    private RawHttp request(String method, House.Agent agent, String session) {
        var request = house.request(method, "/mcp/old", agent)
                .with("MCP-Protocol-Version", House.LEGACY)
                .with("Mcp-Session-Id", session);
        return method.equals("POST")
                ? request.with("Content-Type", "application/json").body(House.call("1", "ls", "{}"))
                : request;
    }

    @Test
    void a_session_token_opens_nobody_elses_session_of_the_protocol() {
        var ann = token("ann");
        var bob = token("bob");
        String session = house.open("old", ann);
        int before = house.reached().size();
        var answer = house.legacy(bob, session, "1", "ls", "{}").send();
        assertEquals(404, answer.status(), answer::toString);
        assertEquals(before, house.reached().size());
        var kept = house.kept("agent:bot").getLast();
        assertEquals("foreign-session", kept.text("fault").orElseThrow());
        assertEquals(bob.name(), kept.text("session").orElseThrow(), "whose token it was");
        assertFalse(kept.toString().contains(session));
        house.passed(house.legacy(ann, session, "1", "ls", "{}"));
    }

    /// An agent by a session token; its name is the guard's session.
    private House.Agent token(String user) {
        var opened = house.served.post(Served.APP, "/v1/sessions", "{\"agent\":\"bot\",\"user\":\"" + user + "\"}");
        return new House.Agent(opened.text("session"), opened.text("token"));
    }

    @Test
    void an_answer_to_what_nobody_asked_goes_nowhere() {
        var agent = house.agent();
        String session = house.open("old", agent);
        for (String answer : List.of(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
                "{\"jsonrpc\":\"2.0\",\"id\":\"question-of-the-server\",\"result\":{\"action\":\"accept\"}}",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"x\"}}"))
            house.refused(agent, house.in("old", agent, session).body(answer), 202, 0, "stray-response");
        var modern = house.post("new", agent)
                .with("MCP-Protocol-Version", House.REVISION)
                .body("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
        house.refused(agent, modern, 400, INVALID, "envelope");
    }

    @Test
    void a_question_is_answered_by_whom_it_was_put_to_and_once() throws Exception {
        var agent = house.agent();
        var stranger = house.agent();
        String session = house.open("old", agent);
        String strange = house.open("old", stranger);
        String second = house.open("old", agent);
        try (var stream = house.legacy(agent, session, "1", "question", "{}").open()) {
            var asked = message(stream.line("data: {"));
            String id = asked.text("id").orElseThrow(() -> new AssertionError(asked.toString()));
            assertNotEquals("question-of-the-server", id);
            String answer =
                    "{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"action\":\"accept\",\"content\":{}}}";
            house.refused(stranger, house.in("old", stranger, strange).body(answer), 202, 0, "stray-response");
            house.refused(stranger, house.in("old", stranger, session).body(answer), 404, INVALID, "foreign-session");
            house.refused(agent, house.in("old", agent, second).body(answer), 202, 0, "stray-response");
            int before = house.old.ofClients().size();
            assertEquals(
                    202, house.in("old", agent, session).body(answer).send().status());
            while (house.old.ofClients().size() == before) Thread.onSpinWait();
            assertEquals(
                    Optional.of("question-of-the-server"),
                    house.old.ofClients().getLast().message().text("id"),
                    "the server hears its own id");
            assertTrue(stream.line("data: {").contains("told"), "the call goes on");
            house.refused(agent, house.in("old", agent, session).body(answer), 202, 0, "stray-response");
        }
    }

    private static JsonObject message(String data) {
        return (JsonObject) StrictJson.parse(data.substring("data: ".length()).getBytes(StandardCharsets.UTF_8));
    }

    /// The state that a call of `ask` is given back with.
    private String state(House.Agent agent) {
        var answer = house.passed(house.modern(agent, "1", "ask", "{\"a\":1}"));
        String state = answer.json()
                .object("result")
                .orElseThrow()
                .text("requestState")
                .orElseThrow();
        assertFalse(state.contains("server"), "it is sealed");
        return state;
    }

    private RawHttp again(House.Agent agent, String state) {
        return house.modern(
                agent,
                "2",
                "ask",
                "{\"a\":1}",
                ",\"inputResponses\":{\"roots\":{\"roots\":[]}},\"requestState\":" + state);
    }

    @TestFactory
    Stream<DynamicTest> state_that_was_touched_is_refused() {
        var tricks = new LinkedHashMap<String, UnaryOperator<String>>();
        tricks.put("the server's own", state -> RecordingUpstream.STATE);
        tricks.put("empty", state -> "");
        tricks.put("no seal", state -> "grs1.");
        tricks.put("cut", state -> state.substring(0, state.length() - 2));
        tricks.put("longer", state -> state + "AAAA");
        tricks.put("first bit", state -> "grs1." + (state.charAt(5) == 'A' ? 'B' : 'A') + state.substring(6));
        tricks.put("a bit in the middle", state -> flip(state, state.length() / 2));
        tricks.put("last letters", state -> flip(state, state.length() - 2));
        tricks.put("another form", state -> "grs2" + state.substring(4));
        tricks.put("twice", state -> state + state);
        tricks.put("padded", state -> state + "=");
        return tricks.entrySet().stream()
                .map(trick -> dynamicTest(trick.getKey(), () -> {
                    var agent = house.agent();
                    String state = state(agent);
                    house.refused(agent, again(agent, '"' + trick.getValue().apply(state) + '"'), 400, PARAMS, "state");
                    house.passed(again(agent, '"' + state + '"'));
                }));
    }

    private static String flip(String text, int at) {
        return text.substring(0, at) + (text.charAt(at) == 'A' ? 'B' : 'A') + text.substring(at + 1);
    }

    @TestFactory
    Stream<DynamicTest> state_that_is_no_text_is_refused() {
        return Stream.of("1", "{}", "null", "[\"x\"]", "true")
                .map(state -> dynamicTest(state, () -> {
                    var agent = house.agent();
                    house.refused(agent, again(agent, state), 400, PARAMS, "state");
                }));
    }

    @Test
    void state_is_good_for_its_caller_and_request_and_once() {
        var agent = house.agent();
        var thief = house.agent();
        String state = '"' + state(agent) + '"';
        house.refused(thief, again(thief, state), 400, PARAMS, "state");
        var elsewhere = again(agent, state);
        house.refused(agent, elsewhere.body(elsewhere.body().replace("{\"a\":1}", "{\"a\":2}")), 400, PARAMS, "state");
        var another = again(agent, state).with("Mcp-Name", "ls");
        house.refused(agent, another.body(another.body().replace("\"ask\"", "\"ls\"")), 400, PARAMS, "state");

        house.passed(again(agent, state));
        assertEquals(
                Optional.of(RecordingUpstream.STATE),
                house.fresh.ofClients().getLast().params().text("requestState"),
                "the server has its own back");
        house.refused(agent, again(agent, state), 400, PARAMS, "state");
    }

    private RawHttp task(House.Agent agent, String method, String task) {
        return house.post("new", agent)
                .with("MCP-Protocol-Version", House.REVISION)
                .with("Mcp-Method", method)
                .with("Mcp-Name", task)
                .body("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"" + method + "\",\"params\":{\"taskId\":\"" + task
                        + "\"," + House.meta("") + "}}");
    }

    @Test
    void a_task_is_told_to_whom_it_was_given_alone() {
        var agent = house.agent();
        house.passed(house.modern(agent, "1", "work", "{}"));
        for (String method : List.of("tasks/get", "tasks/update", "tasks/cancel")) {
            var stranger = house.agent();
            var answer = task(stranger, method, RecordingUpstream.TASK).send();
            var unknown = task(stranger, method, "no-such-task").send();
            assertEquals(unknown.status(), answer.status(), "it is told what it is told of any");
            assertEquals(unknown.error().orElseThrow(), answer.error().orElseThrow());
            assertEquals(List.of("task", "task"), house.faults(stranger));
            assertFalse(
                    house.fresh.ofClients().getLast().message().toString().contains(RecordingUpstream.TASK),
                    "the server hears of no task of others");
            assertFalse(house.fresh.ofClients().getLast().headers().containsValue(RecordingUpstream.TASK));

            house.passed(task(agent, method, RecordingUpstream.TASK));
            assertEquals(
                    Optional.of(RecordingUpstream.TASK),
                    house.fresh.ofClients().getLast().params().text("taskId"));
        }
        assertEquals(List.of(), house.faults(agent));
    }

    @Test
    void a_task_of_the_guards_own_that_is_none_or_anothers_is_refused() {
        for (String task :
                List.of("guardrail-call_01", "guardrail-", "guardrail-call_\u00e9", "guardrail-" + "x".repeat(500))) {
            var agent = house.agent();
            var request =
                    task(agent, "tasks/get", task).with("Mcp-Name", dev.guardrail.server.relay.Mirror.encode(task));
            house.refused(agent, request, 200, PARAMS, "task");
        }
    }

    @Test
    void what_a_stranger_cancels_goes_on() throws Exception {
        for (boolean modern : List.of(false, true)) {
            var agent = house.agent();
            var stranger = house.agent();
            var server = modern ? house.fresh : house.old;
            String key = "cancel-" + modern;
            String mine = modern ? "" : house.open("old", agent);
            String theirs = modern ? "" : house.open("old", stranger);
            var request = modern
                    ? house.modern(agent, "7", "slow", "{\"key\":\"" + key + "\"}")
                    : house.legacy(agent, mine, "7", "slow", "{\"key\":\"" + key + "\"}");
            int before = server.ofClients().size();
            var running = CompletableFuture.supplyAsync(
                    request::send, task -> Thread.ofVirtual().start(task));
            while (server.ofClients().size() == before) Thread.onSpinWait();
            Object upstream = server.ofClients().getLast().message().get("id").orElseThrow();

            for (String id : List.of("7", "\"7\"", upstream.toString()))
                for (String notice : List.of(
                        "\"notifications/cancelled\",\"params\":{\"requestId\":" + id + "}",
                        "\"notifications/progress\",\"params\":{\"progressToken\":" + id + ",\"progress\":1}")) {
                    String body = "{\"jsonrpc\":\"2.0\",\"method\":" + notice + "}";
                    var sent = modern
                            ? house.post("new", stranger).with("MCP-Protocol-Version", House.REVISION)
                            : house.in("old", stranger, theirs);
                    assertEquals(202, sent.body(body).send().status());
                }
            assertFalse(
                    server.ofClients().stream().anyMatch(seen -> seen.rpc().equals("notifications/cancelled")),
                    "nobody is told to stop");
            server.release(key);
            assertEquals(200, running.get().status());
            assertTrue(running.get().body().contains("done"), running.get()::toString);
        }
    }

    @Test
    void events_are_heard_again_by_whom_they_were_meant_for_alone() throws Exception {
        var agent = house.agent();
        var stranger = house.agent();
        String session = house.open("old", agent);
        String strange = house.open("old", stranger);
        var told = house.passed(house.legacy(agent, session, "1", "numbered", "{}"));
        String event = told.body()
                .lines()
                .filter(line -> line.startsWith("id: "))
                .findFirst()
                .orElseThrow()
                .substring("id: ".length());
        assertFalse(event.contains("server"), "the server's own ids stay behind");
        assertTrue(told.body().contains("for this session alone"), told::toString);
        String zero = event.substring(0, event.lastIndexOf('_')) + "_0";

        var replay = house.request("GET", "/mcp/old", stranger)
                .with("MCP-Protocol-Version", House.LEGACY)
                .with("Mcp-Session-Id", strange)
                .with("Last-Event-ID", zero);
        var answer = house.refused(stranger, replay, 400, INVALID, "foreign-event");
        assertFalse(answer.body().contains("alone"), answer::toString);
        house.refused(stranger, replay.with("Mcp-Session-Id", session), 404, INVALID, "foreign-session");

        var own = house.request("GET", "/mcp/old", agent)
                .with("MCP-Protocol-Version", House.LEGACY)
                .with("Mcp-Session-Id", session)
                .with("Last-Event-ID", zero);
        try (var stream = own.open()) {
            assertEquals(200, stream.status());
            assertTrue(stream.line("data: {").contains("for this session alone"));
        }
    }

    @Test
    void two_clients_with_one_id_are_strangers() throws Exception {
        var answers = new ArrayList<Map.Entry<String, CompletableFuture<RawHttp.Answer>>>();
        int before = house.fresh.ofClients().size();
        for (int i = 0; i < 4; i++) {
            String key = "same-id-" + i;
            var request = house.modern(house.agent(), "1", "slow", "{\"key\":\"" + key + "\"}");
            answers.add(Map.entry(
                    key,
                    CompletableFuture.supplyAsync(
                            request::send, task -> Thread.ofVirtual().start(task))));
        }
        while (house.fresh.ofClients().size() < before + 4) Thread.onSpinWait();
        assertEquals(
                4,
                house.fresh.ofClients().stream()
                        .skip(before)
                        .map(seen -> seen.message().get("id").orElseThrow())
                        .distinct()
                        .count());
        for (var answer : answers.reversed()) {
            house.fresh.release(answer.getKey());
            assertEquals(200, answer.getValue().get().status());
        }
    }
}
