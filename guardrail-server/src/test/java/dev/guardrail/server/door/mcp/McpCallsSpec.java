package dev.guardrail.server.door.mcp;

import static dev.guardrail.server.door.mcp.DoorUnderTest.call;
import static dev.guardrail.server.door.mcp.DoorUnderTest.decisionOf;
import static dev.guardrail.server.door.mcp.DoorUnderTest.fault;
import static dev.guardrail.server.door.mcp.DoorUnderTest.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Run;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Way;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Lists and calls, as a client sees them.
class McpCallsSpec {
    private DoorUnderTest door;
    private String session;

    @BeforeEach
    void open() {
        door = new DoorUnderTest(DoorUnderTest.settings());
        session = door.open();
    }

    @AfterEach
    void close() {
        door.close();
    }

    private JsonObject answer(String message) {
        return door.ask().in(session).post(message).json();
    }

    @Test
    void an_allowed_call_answers_what_the_upstream_answered_as_plain_json() {
        var answer = door.ask().in(session).post(call(7, "echo", "{\"z\":1,\"a\":2}", ""));
        assertEquals("application/json", answer.header("Content-Type"));
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[{\"type\":\"text\","
                        + "\"text\":\"{\\\"z\\\":1,\\\"a\\\":2}\"}]}}",
                answer.body());
    }

    @Test
    void a_proposal_says_who_asks_and_nothing_that_the_client_claims() {
        String meta = ",\"_meta\":{\"dev.guardrail/reason\":\"CHG-1\",\"session\":\"ses_x\",\"approved\":true}";
        answer(call(1, "echo", "{}", meta));
        var proposal = door.guard.proposed.getFirst();
        assertEquals("coder", proposal.caller().name());
        assertEquals(Optional.empty(), proposal.session());
        assertEquals("mcp", proposal.door());
        assertEquals("files.echo", proposal.tool().toString());
        assertEquals("CHG-1", proposal.reason());
        assertEquals(Run.GUARD, proposal.run());
        var relayed = FakeGuard.relayed(door.guard.attended.getFirst());
        String connection = relayed.way() instanceof Way.Session(String name) ? name : "none";
        assertTrue(door.relay.standing.containsKey(connection), "the one that its greeting opened");
        assertFalse(connection.contains(session), "the name of a connection gives no session away");
        answer(call(2, "echo", "{}", ",\"_meta\":{\"dev.guardrail/reason\":7}"));
        assertEquals("", door.guard.proposed.getLast().reason());
    }

    @Test
    void a_tools_own_error_and_an_upstreams_protocol_error_pass_unchanged() {
        assertEquals(
                "{\"content\":[{\"type\":\"text\",\"text\":\"no such file\"}],\"isError\":true}",
                answer(call(1, "fails")).object("result").orElseThrow().toString());
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32050,\"message\":\"upstream says no\",\"data\":1.5}}",
                answer(call(1, "rpc-error")).toString());
    }

    @Test
    void a_decision_is_a_result_that_says_error() {
        var denied = answer(call(1, "delete"));
        assertTrue(denied.object("result").orElseThrow().isTrue("isError"));
        assertEquals("Denied by policy (some-rule). The call did not run. Do not repeat it unchanged.", textOf(denied));
        assertEquals(
                "{\"effect\":\"deny\",\"cause\":\"policy\",\"executed\":false,\"final\":false,\"instead\":[],"
                        + "\"callId\":\"call_1\"}",
                decisionOf(denied).toString());
        var asked = answer(call(1, "asks"));
        assertTrue(textOf(asked).endsWith("Which ticket?"));
        var doubt = answer(call(1, "doubt"));
        assertTrue(textOf(doubt).startsWith("The call may have run"));
        for (var decided : List.of(denied, asked, doubt)) assertFalse(decided.has("error"));
    }

    @Test
    void a_decision_stays_one_where_the_catalogue_breaks_after_it() {
        var sound = answer(call(1, "delete")).object("result").orElseThrow();
        assertTrue(sound.isTrue("isError"));

        door.guard.blind = true;
        var blind = answer(call(2, "delete")).object("result").orElseThrow();

        assertTrue(blind.isTrue("isError"));
        assertEquals(sound.array("content"), blind.array("content"));
        assertTrue(blind.object("_meta").orElseThrow().has(ToolAnswer.DECISION));
        assertFalse(blind.has("structuredContent"));
    }

    @Test
    void structured_content_only_where_the_tool_declares_no_output_schema() {
        var schema = JsonObject.with("outputSchema", JsonObject.EMPTY).build();
        door.guard.tools = List.of(FakeGuard.tool("plain", JsonObject.EMPTY), FakeGuard.tool("typed", schema));
        var plain = answer(call(1, "plain")).object("result").orElseThrow();
        assertEquals(
                "deny",
                plain.object("structuredContent").orElseThrow().text("effect").orElseThrow());
        assertFalse(answer(call(1, "typed")).object("result").orElseThrow().has("structuredContent"));
        assertFalse(answer(call(1, "hidden")).object("result").orElseThrow().has("structuredContent"));
    }

    @Test
    void what_could_not_be_judged_is_an_error() {
        var broken = answer(call("x", "broken"));
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"code\":-32016,"
                        + "\"message\":\"the journal cannot be written\",\"data\":{\"type\":\"journal-unavailable\"}}}",
                broken.toString());
        var thrown = answer(call(1, "throws"));
        assertEquals("internal", fault(thrown));
        assertFalse(thrown.toString().contains("planted"), "no trace leaves the guard");
        assertEquals(
                "{}",
                answer(call(1, "echo")).object("result").map(result -> "{}").orElse("hangs"));
    }

    @Test
    void an_id_is_free_again_once_it_is_answered_and_not_before() throws Exception {
        try (var running = door.ask().in(session).post(call(1, "slow"))) {
            assertEquals("slow call_1", door.guard.event());
            var twice = door.ask().in(session).post(call(1, "echo"));
            assertEquals(400, twice.status());
            assertEquals("duplicate-id", fault(twice.json()));
            assertEquals(1, door.guard.proposed.size());
            assertTrue(answer(call("1", "echo")).has("result"), "another type is another id");
            String other = door.open("other");
            var same =
                    door.ask().with("Authorization", "Bearer other").in(other).post(call(1, "echo"));
            assertTrue(same.json().has("result"), "another client's id is another id");
            door.guard.release.complete(null);
            assertEquals("slowly", textOf(running.events().getLast()));
        }
        assertTrue(answer(call(1, "echo")).has("result"));
    }

    @Test
    void a_slow_call_is_answered_on_a_stream_with_the_upstreams_progress() throws Exception {
        String token = ",\"_meta\":{\"progressToken\":\"p-1\"}";
        try (var running = door.ask().in(session).post(call(1, "slow", "{}", token))) {
            assertTrue(running.streams());
            assertEquals(
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
                            + "\"params\":{\"progressToken\":\"p-1\",\"progress\":1}}",
                    running.event().toString());
            door.guard.release.complete(null);
            assertEquals("slowly", textOf(running.event()));
        }
    }

    @Test
    void a_client_that_takes_only_json_gets_json_however_slow() throws Exception {
        var running = CompletableFuture.supplyAsync(
                () -> door.ask()
                        .with("Accept", "application/json")
                        .in(session)
                        .post(call(1, "slow", "{}", ",\"_meta\":{\"progressToken\":1}")),
                Thread::startVirtualThread);
        assertEquals("slow call_1", door.guard.event());
        door.guard.release.complete(null);
        assertEquals("application/json", running.get().header("Content-Type"));
        assertEquals("slowly", textOf(running.get().json()));
    }

    @Test
    void too_many_requests_at_a_time_are_refused() throws Exception {
        try (var few =
                new DoorUnderTest(DoorUnderTest.settings().withSessions(java.time.Duration.ofMinutes(1), 10, 10, 1))) {
            String narrow = few.open();
            try (var running = few.ask().in(narrow).post(call(1, "slow"))) {
                assertTrue(running.streams());
                var second = few.ask().in(narrow).post(call(2, "echo"));
                assertEquals(429, second.status());
                assertEquals("overloaded", fault(second.json()));
                few.guard.release.complete(null);
                assertEquals(1, running.events().size());
            }
            assertEquals(200, few.ask().in(narrow).post(call(2, "echo")).status());
        }
    }

    private JsonObject list(String params) {
        return answer("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":" + params + "}");
    }

    private static Answer page(String json) {
        return new Answer.Result(DoorUnderTest.parse(json));
    }

    @Test
    void tools_are_listed_page_by_page_as_the_upstream_gives_them_and_only_those_that_are_pinned() {
        var more = DoorUnderTest.parse("{\"inputSchema\":{\"type\":\"object\",\"maxProperties\":1.0}}");
        var kept = FakeGuard.tool("kept", more);
        door.guard.tools = List.of(kept, FakeGuard.tool("changed", more));
        String other = "{\"name\":\"changed\",\"description\":\"new\"},{\"name\":\"hidden\"},{\"name\":\"a\\nb\"}";
        door.relay.answers.put(
                "tools/list",
                page("{\"nextCursor\":\"c2\",\"tools\":[" + kept.definition() + "," + other
                        + "],\"ttlMs\":5,\"cacheScope\":\"public\"}"));
        var first = list("{\"cursor\":\"c1\"}").object("result").orElseThrow();
        assertEquals(
                "{\"nextCursor\":\"c2\",\"tools\":[" + kept.definition() + "],\"ttlMs\":5,\"cacheScope\":\"private\"}",
                first.toString(),
                "all else stays as it was");
        assertEquals("{\"cursor\":\"c1\"}", door.relay.passed.getLast().params().toString());

        String whole = "{\"tools\":[" + kept.definition() + "],\"cacheScope\":\"public\",\"x\":1}";
        door.relay.answers.put("tools/list", page(whole));
        assertEquals(whole, list("{}").object("result").orElseThrow().toString(), "nothing was left out");

        assertEquals("params", fault(list("{\"cursor\":1}")));
        door.relay.answers.put("tools/list", Answer.Failure.of(-32602, "no such cursor"));
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"no such cursor\"}}",
                list("{\"cursor\":\"x\"}").toString());
    }

    @Test
    void a_listening_client_hears_that_the_tools_changed() {
        try (var listening = door.ask().in(session).get()) {
            assertTrue(listening.streams());
            assertEquals(": ", listening.line());
            while (door.relay.listening.isEmpty()) Thread.onSpinWait();
            assertEquals(Set.copyOf(door.relay.listening), door.relay.standing.keySet(), "the upstream is heard too");
            door.door().toolsChanged("other");
            door.door().toolsChanged("files");
            assertEquals(
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":{}}",
                    listening.event().toString());
        }
        assertEquals(
                406,
                door.ask().in(session).with("Accept", "application/json").get().status());
        assertEquals(400, door.ask().get().status());
        assertEquals(404, door.ask().in("unknown").get().status());
    }

    @Test
    void a_second_listener_takes_the_place_of_the_first() {
        try (var first = door.ask().in(session).get();
                var second = door.ask().in(session).get()) {
            assertTrue(first.events().isEmpty(), "the first stream has ended");
            door.door().toolsChanged("files");
            assertTrue(second.event().has("method"));
        }
    }
}
