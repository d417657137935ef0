package dev.guardrail.server.door.mcp;

import static dev.guardrail.server.door.mcp.DoorUnderTest.fault;
import static dev.guardrail.server.door.mcp.DoorUnderTest.initialize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Sessions of the protocol: who may use one, and how they end.
class McpSessionsSpec {
    private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";

    private final AtomicLong nanos = new AtomicLong();
    private final List<String> ended = new ArrayList<>();

    private McpSessions sessions(int all, int each) {
        var settings = McpSettings.shipped(Set.of("files"), "1").withSessions(Duration.ofMinutes(30), all, each, 4);
        return new McpSessions(settings, new SecureRandom(), nanos::get, ended::add);
    }

    private static Caller agent(String name) {
        return new Caller(Caller.Kind.AGENT, name, Set.of(), Set.of(), Set.of(), Optional.empty());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void a_client_is_greeted_by_the_upstream_itself() {
        try (var door = new DoorUnderTest(DoorUnderTest.settings())) {
            for (String version : Era.LEGACY_REVISIONS) assertEquals(version, greeted(door, version));
            for (String version : List.of("2026-07-28", "x")) assertEquals("2025-11-25", greeted(door, version));
        }
    }

    private static String greeted(DoorUnderTest door, String version) {
        var result =
                door.ask().post(initialize(version)).json().object("result").orElseThrow();
        assertEquals(
                "{\"protocolVersion\":\"" + version + "\",\"capabilities\":{},"
                        + "\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}}",
                door.relay.hellos.getLast().toString());
        assertEquals(
                "{\"logging\":{},\"tools\":{\"listChanged\":true}}",
                result.object("capabilities").orElseThrow().toString(),
                "what a client is shown changes with policy too");
        assertEquals(
                "{\"name\":\"upstream/files\",\"version\":\"7\"}",
                result.object("serverInfo").orElseThrow().toString());
        assertEquals("Be kind.", result.text("instructions").orElseThrow());
        return result.text("protocolVersion").orElseThrow();
    }

    @Test
    void a_client_that_the_upstream_does_not_greet_has_no_session() {
        try (var door = new DoorUnderTest(DoorUnderTest.settings())) {
            door.relay.greeting =
                    Optional.of(new Answer.Missing(ProblemType.UPSTREAM_FAILED, "the server is not there", false));
            var gone = door.ask().post(initialize("2025-11-25"));
            assertEquals("", gone.header(McpDoor.SESSION));
            assertEquals(
                    -32018,
                    gone.json().object("error").orElseThrow().integer("code").orElseThrow());
            door.relay.greeting = Optional.of(Answer.Failure.of(-32050, "go away"));
            assertEquals(
                    "{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32050,\"message\":\"go away\"}}",
                    door.ask().post(initialize("2025-11-25")).body());
            assertEquals(2, door.ended.size(), "nothing stays open upstream");
            door.relay.greeting = Optional.empty();
            assertNotEquals("", door.ask().post(initialize("2025-11-25")).header(McpDoor.SESSION));
        }
    }

    @Test
    void a_session_is_of_use_only_to_its_own_credential_and_server() {
        try (var door = new DoorUnderTest(DoorUnderTest.settings())) {
            String session = door.open();
            assertTrue(session.matches("[A-Za-z0-9_-]{43}"));
            assertNotEquals(session, door.open());
            assertEquals(200, door.ask().in(session).post(PING).status());
            assertEquals(
                    404,
                    door.ask()
                            .with("Authorization", "Bearer thief")
                            .in(session)
                            .post(PING)
                            .status());
            assertEquals(404, door.ask("/mcp/other").in(session).post(PING).status());
            assertEquals(404, door.ask().in(session + "x").post(PING).status());
            assertEquals(
                    404,
                    door.ask()
                            .with("Authorization", "Bearer thief")
                            .in(session)
                            .delete()
                            .status());
            var without = door.ask().post(PING);
            assertEquals(400, without.status());
            assertEquals("no-session", fault(without.json()));
            assertEquals(
                    400,
                    door.ask()
                            .in(session)
                            .also(McpDoor.SESSION, session)
                            .post(PING)
                            .status());
            assertEquals(200, door.ask().in(session).post(PING).status(), "the thief has ended nothing");
        }
    }

    @Test
    void delete_ends_a_session_and_its_connection_is_told() {
        try (var door = new DoorUnderTest(DoorUnderTest.settings())) {
            String session = door.open();
            assertEquals(204, door.ask().in(session).delete().status());
            assertEquals(404, door.ask().in(session).post(PING).status());
            assertEquals(404, door.ask().in(session).delete().status());
            assertEquals(1, door.ended.size());
        }
    }

    @Test
    void initialize_comes_once_and_names_a_revision() {
        try (var door = new DoorUnderTest(DoorUnderTest.settings())) {
            String session = door.open();
            assertEquals(
                    400, door.ask().in(session).post(initialize("2025-11-25")).status());
            assertEquals(
                    404, door.ask().in("unknown").post(initialize("2025-11-25")).status());
            var unnamed = door.ask().post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}");
            assertEquals(
                    -32602,
                    unnamed.json().object("error").orElseThrow().integer("code").orElseThrow());
            assertEquals("", unnamed.header(McpDoor.SESSION));
            var silent = door.ask().post("{\"jsonrpc\":\"2.0\",\"method\":\"initialize\"}");
            assertEquals(400, silent.status(), "a notification opens no session");
        }
    }

    @Test
    void an_idle_session_ends_and_a_used_one_does_not() {
        var sessions = sessions(10, 10);
        var session = sessions.open(agent("coder"), "files").orElseThrow();
        pass(Duration.ofMinutes(29));
        assertTrue(sessions.find(session.id(), agent("coder"), "files").isPresent());
        pass(Duration.ofMinutes(29));
        assertTrue(sessions.find(session.id(), agent("coder"), "files").isPresent());
        pass(Duration.ofMinutes(31));
        assertEquals(Optional.empty(), sessions.find(session.id(), agent("coder"), "files"));
        assertEquals(List.of(session.connection()), ended);
        sessions.open(agent("coder"), "files");
        pass(Duration.ofMinutes(31));
        sessions.sweep();
        assertEquals(0, sessions.size());
    }

    @Test
    void a_waiting_client_keeps_its_session() {
        var sessions = sessions(10, 10);
        var session = sessions.open(agent("coder"), "files").orElseThrow();
        try (var pulse = new Pulse()) {
            var exchange = new Exchange(new Accepts(true, true), pulse, Duration.ofMinutes(1), new Channel("c", true));
            var id = new RpcId(dev.guardrail.base.JsonNumber.of(1));
            assertEquals(Optional.empty(), session.begin(id, exchange));
            pass(Duration.ofHours(2));
            sessions.sweep();
            assertEquals(1, sessions.size());
            session.finish(id);
            sessions.sweep();
            assertEquals(0, sessions.size());
            assertEquals(
                    Optional.of(Fault.UNKNOWN_SESSION),
                    session.begin(id, exchange).map(Message.Malformed::fault));
        }
    }

    @Test
    void a_callers_idlest_session_makes_room_for_its_next_and_nobody_elses_does() {
        var sessions = sessions(4, 2);
        var first = sessions.open(agent("greedy"), "files").orElseThrow();
        pass(Duration.ofSeconds(1));
        var second = sessions.open(agent("greedy"), "files").orElseThrow();
        pass(Duration.ofSeconds(1));
        assertTrue(sessions.find(first.id(), agent("greedy"), "files").isPresent());
        pass(Duration.ofSeconds(1));
        assertTrue(sessions.open(agent("greedy"), "files").isPresent());
        assertEquals(List.of(second.connection()), ended);
        assertEquals(2, sessions.size());
        assertTrue(sessions.open(agent("a"), "files").isPresent());
        assertTrue(sessions.open(agent("b"), "files").isPresent());
        assertEquals(4, sessions.size());
        assertEquals(Optional.empty(), sessions.open(agent("c"), "files"), "full, and none of them is its own");
        sessions.endAll();
        assertEquals(0, sessions.size());
        assertTrue(sessions.open(agent("c"), "files").isPresent());
    }
}
