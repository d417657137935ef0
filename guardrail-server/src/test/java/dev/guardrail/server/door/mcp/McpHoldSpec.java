package dev.guardrail.server.door.mcp;

import static dev.guardrail.server.door.mcp.DoorUnderTest.call;
import static dev.guardrail.server.door.mcp.DoorUnderTest.decisionOf;
import static dev.guardrail.server.door.mcp.DoorUnderTest.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Calls that wait for people, and clients that do not wait for them.
class McpHoldSpec {
    private static final String PENDING = "PENDING_APPROVAL apr_call_1 expires 2026-11-20T13:16:50Z."
            + " Not executed. Repeat the identical call after approval.";
    private static final CallId FIRST = new CallId("call_1");

    private DoorUnderTest door;
    private String session;

    @BeforeEach
    void open() {
        start(Duration.ofSeconds(20));
    }

    private void start(Duration hold) {
        door = new DoorUnderTest(DoorUnderTest.settings()
                .withTimes(hold, Duration.ofSeconds(20), Duration.ofMillis(50), Duration.ofMillis(50)));
        session = door.open();
    }

    private void restart(Duration hold) {
        door.close();
        start(hold);
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void a_call_that_is_approved_while_its_client_waits_runs_once_and_is_answered() throws Exception {
        try (var waiting = door.ask().in(session).post(call(1, "held"))) {
            assertTrue(waiting.streams(), "the stream is open before anybody has decided");
            assertEquals("held call_1", door.guard.event());
            door.guard.approve(FIRST);
            assertEquals("approved and run", textOf(waiting.event()));
            assertEquals(List.of(FIRST), door.guard.executed);
        }
    }

    @Test
    void a_denied_call_tells_what_the_person_said() throws Exception {
        try (var waiting = door.ask().in(session).post(call(1, "held"))) {
            assertEquals("held call_1", door.guard.event());
            door.guard.deny(FIRST);
            assertEquals(
                    "Denied by a person: \"not today\". The call did not run. Do not repeat it unchanged.",
                    textOf(waiting.event()));
            assertEquals(List.of(), door.guard.executed);
        }
    }

    @Test
    void when_the_hold_is_over_the_client_is_told_to_come_back_and_the_ticket_stays() {
        restart(Duration.ofMillis(100));
        var waiting = door.ask().in(session).post(call(1, "held"));
        assertTrue(waiting.streams());
        var answer = waiting.events().getLast();
        pending(answer);
        assertEquals(List.of("held call_1"), List.copyOf(door.guard.events), "nobody gave the call up");
    }

    private static void pending(JsonObject answer) {
        assertEquals(PENDING, textOf(answer));
        assertTrue(answer.object("result").orElseThrow().isTrue("isError"));
        var decision = (JsonObject) decisionOf(answer);
        assertEquals("require_approval", decision.text("effect").orElseThrow());
        assertEquals(
                "apr_call_1",
                decision.object("approval").orElseThrow().text("id").orElseThrow());
        assertTrue(decision.text("argumentsDigest").orElseThrow().startsWith("sha256:"));
        assertFalse(decision.isTrue("executed"));
    }

    @Test
    void a_client_that_takes_only_json_is_told_at_once() {
        var answer = door.ask().with("Accept", "application/json").in(session).post(call(1, "held"));
        assertEquals("application/json", answer.header("Content-Type"));
        pending(answer.json());
        assertEquals(List.of("held call_1"), List.copyOf(door.guard.events));
    }

    @Test
    void without_a_hold_everybody_is_told_at_once() {
        restart(Duration.ZERO);
        pending(door.ask().in(session).post(call(1, "held")).json());
    }

    @Test
    void progress_is_reported_while_people_think_and_always_increases() throws Exception {
        String token = ",\"_meta\":{\"progressToken\":42}";
        try (var waiting = door.ask().in(session).post(call(1, "held", "{}", token))) {
            double before = 0;
            for (int beat = 0; beat < 3; beat++) {
                var params = waiting.event().object("params").orElseThrow();
                assertEquals(42, params.integer("progressToken").orElseThrow());
                double progress =
                        Double.parseDouble(params.get("progress").orElseThrow().toString());
                assertTrue(before < progress && progress < 0.001, () -> "progress " + progress);
                assertTrue(params.text("message").orElseThrow().contains("apr_call_1"));
                before = progress;
            }
            door.guard.approve(FIRST);
            var next = waiting.event();
            while (next.has("method")) next = waiting.event();
            assertEquals("approved and run", textOf(next));
        }
    }

    @Test
    void without_a_token_only_signs_of_life_are_sent() {
        try (var waiting = door.ask().in(session).post(call(1, "held"))) {
            for (String line : List.of(waiting.line(), waiting.line(), waiting.line(), waiting.line()))
                assertTrue(line.equals(": ") || line.isEmpty(), () -> "`" + line + "`");
        }
    }

    @Test
    void a_client_that_disconnects_has_its_call_given_up_and_no_approval_runs_it() throws Exception {
        var waiting = door.ask().in(session).post(call(1, "held"));
        assertEquals("held call_1", door.guard.event());
        waiting.close();
        assertEquals("cancelled call_1", door.guard.event());
        door.guard.approve(FIRST);
        settled();
        assertEquals(List.of(), door.guard.executed);
    }

    @Test
    void a_client_that_cancels_hears_nothing_more_and_nothing_runs() throws Exception {
        try (var waiting = door.ask().in(session).post(call("a", "held"))) {
            assertEquals("held call_1", door.guard.event());
            cancel("\"a\"");
            assertEquals("cancelled call_1", door.guard.event());
            assertEquals(List.of(), waiting.events(), "the stream ends without an answer");
        }
        door.guard.approve(FIRST);
        settled();
        assertEquals(List.of(), door.guard.executed);
    }

    @Test
    void only_the_request_that_is_named_is_cancelled() throws Exception {
        try (var waiting = door.ask().in(session).post(call(1, "held"))) {
            assertEquals("held call_1", door.guard.event());
            for (String other : List.of("\"1\"", "2", "null", "1.5", "{}")) cancel(other);
            door.ask().in(session).post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}");
            String stranger = door.open("stranger");
            door.ask()
                    .with("Authorization", "Bearer stranger")
                    .in(stranger)
                    .post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
            door.guard.approve(FIRST);
            assertEquals("approved and run", textOf(waiting.event()));
        }
    }

    @Test
    void a_session_that_ends_takes_its_calls_with_it() throws Exception {
        try (var waiting = door.ask().in(session).post(call(1, "held"))) {
            assertEquals("held call_1", door.guard.event());
            assertEquals(204, door.ask().in(session).delete().status());
            assertEquals("cancelled call_1", door.guard.event());
            assertEquals(List.of(), waiting.events());
        }
    }

    @Test
    void a_running_call_whose_client_disconnects_runs_on() throws Exception {
        var running = door.ask().in(session).post(call(1, "slow"));
        assertEquals("slow call_1", door.guard.event());
        running.close();
        var held = door.ask().in(session).post(call(2, "held"));
        assertEquals("held call_2", door.guard.event());
        held.close();
        assertEquals("cancelled call_2", door.guard.event(), "that clients leave is noticed");
        door.guard.release.complete(null);
        assertEquals("done call_1", door.guard.event());
    }

    @Test
    void a_running_call_learns_that_its_session_ended() throws Exception {
        try (var running = door.ask().in(session).post(call(1, "slow"))) {
            assertEquals("slow call_1", door.guard.event());
            assertEquals(204, door.ask().in(session).delete().status());
            assertEquals("left call_1", door.guard.event());
            assertEquals(
                    List.of(),
                    running.events().stream().filter(event -> event.has("id")).toList());
        }
    }

    @Test
    void a_client_that_left_before_its_stream_was_open_is_missed_once_it_is() throws Exception {
        byte[] body = call(1, "held").getBytes(StandardCharsets.UTF_8);
        door.guard.slow = new CountDownLatch(1);
        try (var socket = new Socket("localhost", door.uri("").getPort())) {
            socket.getOutputStream()
                    .write(("POST /mcp/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer coder\r\n"
                                    + "Content-Type: application/json\r\nAccept: " + DoorUnderTest.BOTH
                                    + "\r\nMcp-Session-Id: " + session + "\r\nContent-Length: " + body.length
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(body);
            assertEquals("asked", door.guard.event());
        }
        door.guard.slow.countDown();
        assertEquals("held call_1", door.guard.event());
        assertEquals("cancelled call_1", door.guard.event());
    }

    @Test
    void a_running_call_learns_that_its_client_cancelled_even_before_the_stream_is_open() throws Exception {
        var answer = java.util.concurrent.CompletableFuture.supplyAsync(
                () -> door.ask().with("Accept", "application/json").in(session).post(call(1, "slow")),
                Thread::startVirtualThread);
        assertEquals("slow call_1", door.guard.event());
        cancel("1");
        assertEquals("left call_1", door.guard.event());
        assertEquals(202, answer.get().status());
        assertEquals("", answer.get().body());
    }

    private void cancel(String id) {
        var answer = door.ask()
                .in(session)
                .post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + id
                        + ",\"reason\":\"changed my mind\"}}");
        assertEquals(202, answer.status());
    }

    /// Another call has come through since: whatever an earlier one was to set off has had its turn.
    private void settled() {
        assertEquals(200, door.ask().in(session).post(call("after", "echo")).status());
    }
}
