package dev.guardrail.server.door.mcp;

import static dev.guardrail.server.door.mcp.DoorUnderTest.call;
import static dev.guardrail.server.door.mcp.DoorUnderTest.fault;
import static dev.guardrail.server.door.mcp.DoorUnderTest.initialize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.relay.Era;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What a message must be before any policy is asked: refused by name, counted, and nothing reaches the guard.
class McpWireSpec {
    private static DoorUnderTest door;
    private static String session;

    @BeforeAll
    static void open() {
        door = new DoorUnderTest(DoorUnderTest.settings().withSizes(1_000_000, 1_000));
        session = door.open();
    }

    @AfterAll
    static void close() {
        door.close();
    }

    private static void refused(Fault fault, String message) {
        refused(fault, message.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(Fault fault, byte[] message) {
        int before = door.guard.proposed.size();
        double counted = door.count(fault);
        var answer = door.ask().in(session).post(message);
        var json = answer.json();
        assertEquals(fault.status(), answer.status(), json::toString);
        assertEquals(fault.slug(), fault(json));
        assertEquals(
                fault.code(), json.object("error").orElseThrow().integer("code").orElseThrow());
        assertEquals(before, door.guard.proposed.size(), "nothing reaches the guard");
        assertEquals(counted + 1, door.count(fault), "it is counted");
    }

    private static JsonObject runs(String message) {
        int before = door.guard.proposed.size();
        var answer = door.ask().in(session).post(message);
        assertEquals(200, answer.status());
        assertEquals(before + 1, door.guard.proposed.size(), "the control reaches the guard");
        return answer.json();
    }

    /// What becomes of each line: the fault it is refused with, or the tool that is asked for.
    private static final Map<String, Fault> FAULTS = Map.ofEntries(
            Map.entry("case-Params", Fault.ENVELOPE),
            Map.entry("fold-kelvin", Fault.ENVELOPE),
            Map.entry("batch-one", Fault.ENVELOPE),
            Map.entry("id-null", Fault.ENVELOPE),
            Map.entry("id-1e0", Fault.ENVELOPE),
            Map.entry("id-object", Fault.ENVELOPE),
            Map.entry("result-and-method", Fault.ENVELOPE),
            Map.entry("version-1", Fault.ENVELOPE),
            Map.entry("many-keys-hash", Fault.ENVELOPE),
            Map.entry("tool-nul", Fault.PARAMS));

    private static final Map<String, String> JUDGED = Map.of(
            "num-negzero", "pay",
            "num-as-string", "pay",
            "tool-space", "rm ",
            "tool-nfd", "re\u0301sume");

    @TestFactory
    Stream<DynamicTest> every_line_of_the_corpus() throws IOException {
        try (var corpus = McpWireSpec.class.getResourceAsStream("/corpora/mcp-jsonrpc.jsonl")) {
            return new String(java.util.Objects.requireNonNull(corpus).readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .map(DoorUnderTest::parse)
                            .map(entry -> dynamicTest(
                                    entry.text("name").orElseThrow(),
                                    () -> judge(
                                            entry.text("name").orElseThrow(),
                                            // A lone surrogate stands escaped in the corpus, and stays escaped on the
                                            // wire.
                                            entry.text("line").orElseThrow())))
                            .toList()
                            .stream();
        }
    }

    private static void judge(String name, String line) {
        long start = System.nanoTime();
        if (name.equals("server-response-spoof")) stray(line);
        else if (JUDGED.containsKey(name)) judged(name, line);
        else if (name.equals("method-slash")) undeclared(line, "mcp:tools//call");
        else refused(FAULTS.getOrDefault(name, Fault.PARSE), line);
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        assertTrue(millis < 2_000, () -> name + " took " + millis + " ms");
    }

    private static void stray(String line) {
        double counted = door.count(Fault.STRAY_RESPONSE);
        int before = door.guard.proposed.size();
        var answer = door.ask().in(session).post(line);
        assertEquals(202, answer.status());
        assertEquals("", answer.body());
        assertEquals(counted + 1, door.count(Fault.STRAY_RESPONSE));
        assertEquals(before, door.guard.proposed.size());
    }

    /// A method that nobody here knows is an action: where policy does not permit it, there is none.
    private static void undeclared(String line, String action) {
        double counted = door.count(Fault.UNDECLARED_METHOD);
        var answer = runs(line);
        assertEquals(action, door.guard.proposed.getLast().tool().name());
        assertEquals(
                -32601, answer.object("error").orElseThrow().integer("code").orElseThrow());
        assertEquals(counted + 1, door.count(Fault.UNDECLARED_METHOD));
    }

    /// Policy and schema have the say; the door passes on exactly what was sent.
    private static void judged(String name, String line) {
        runs(line);
        var proposal = door.guard.proposed.getLast();
        assertEquals(JUDGED.get(name), proposal.tool().name());
        assertEquals(
                DoorUnderTest.parse(line)
                        .object("params")
                        .orElseThrow()
                        .object("arguments")
                        .orElse(JsonObject.EMPTY),
                proposal.arguments());
    }

    @Test
    void what_was_judged_is_what_was_sent_in_its_order_and_literals() {
        String arguments = "{\"b\":1.0,\"a\":-0,\"nested\":{\"z\":[1e2,null,true],\"a\":\"é\"}}";
        var answer = runs(call(1, "echo", arguments, ""));
        assertEquals(arguments, DoorUnderTest.textOf(answer));
    }

    @Test
    void ids_are_texts_or_integers_and_keep_their_type() {
        for (String id : List.of("1", "\"1\"", "9007199254740993", "-9223372036854775808", "\"\"", "\"é\"")) {
            var answer = runs(call(1, "echo").replaceFirst("\"id\":1", "\"id\":" + id));
            assertEquals(id, answer.get("id").map(Json::toString).orElseThrow());
        }
        for (String id : List.of("1.5", "1.0", "null", "true", "[1]", "{}", "9223372036854775808", "1e3"))
            assertEquals(
                    400,
                    door.ask()
                            .in(session)
                            .post("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"ping\"}")
                            .status(),
                    id);
        refused(Fault.ENVELOPE, call("x".repeat(257), "echo"));
    }

    @Test
    void the_envelope_is_closed_and_params_are_open() {
        refused(Fault.ENVELOPE, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"extra\":1}");
        refused(Fault.ENVELOPE, "{\"jsonrpc\":\"2.0\",\"id\":1,\"Method\":\"ping\",\"method\":\"ping\"}");
        refused(Fault.ENVELOPE, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}");
        refused(Fault.ENVELOPE, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}");
        refused(Fault.ENVELOPE, "{\"jsonrpc\":\"2.0\",\"id\":1}");
        refused(Fault.ENVELOPE, "{\"jsonrpc\":\"2.0\",\"result\":{}}");
        refused(Fault.ENVELOPE, "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"ping\"}");
        refused(Fault.ENVELOPE, "[]");
        refused(Fault.ENVELOPE, "7");
        for (String posing : List.of("Name", "NAME", "argument\u017f", "Arguments", "_META"))
            refused(Fault.ENVELOPE, call(1, "echo", "{}", ",\"" + posing + "\":{}"));
        runs(call(1, "echo", "{}", ",\"unknown\":1,\"_meta\":{\"Name\":\"x\",\"a.b/c\":[1]}"));
    }

    @Test
    void bytes_that_are_no_strict_json() {
        refused(Fault.PARSE, "");
        refused(Fault.PARSE, "\ufeff{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        refused(Fault.PARSE, new byte[] {'"', (byte) 0xC0, (byte) 0x80, '"'});
    }

    @Test
    void size_is_checked_before_reading() {
        refused(Fault.TOO_LARGE, " ".repeat(1_000_001));
        runs(call(1, "echo", "{\"a\":\"" + "x".repeat(900) + "\"}", ""));
        int before = door.guard.proposed.size();
        var answer = door.ask().in(session).post(call(1, "echo", "{\"a\":\"" + "x".repeat(1_000) + "\"}", ""));
        assertEquals("too-large", fault(answer.json()));
        assertEquals(before, door.guard.proposed.size());
    }

    @Test
    void a_call_needs_a_name_and_an_object_of_arguments() {
        for (String params : List.of("{}", "{\"name\":7}", "{\"name\":\"\"}", "{\"name\":\"a\\nb\"}"))
            refused(Fault.PARAMS, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":" + params + "}");
        for (String arguments : List.of("[]", "null", "\"{}\"")) refused(Fault.PARAMS, call(1, "echo", arguments, ""));
        runs("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}");
    }

    @Test
    void a_call_without_an_id_never_runs() {
        int before = door.guard.proposed.size();
        var answer = door.ask()
                .in(session)
                .post("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}");
        assertEquals(202, answer.status());
        assertEquals("", answer.body());
        runs(call(1, "echo"));
        assertEquals(before + 1, door.guard.proposed.size());
    }

    private static String request(String method) {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{\"name\":\"echo\"}}";
    }

    @Test
    void what_no_policy_permits_is_no_method_and_what_needs_none_passes() {
        for (String method : List.of("Tools/call", "completion", "tools/list/all"))
            undeclared(request(method), "mcp:" + method);
        for (String method : List.of("tools/call ", "a b", "")) refused(Fault.UNDECLARED_METHOD, request(method));
        for (String method : List.of("resources/read", "prompts/get", "resources/subscribe")) {
            var denied = runs(request(method)).object("error").orElseThrow();
            assertEquals(-32011, denied.integer("code").orElseThrow());
            assertEquals(
                    "deny",
                    denied.object("data")
                            .flatMap(data -> data.object(ToolAnswer.DECISION))
                            .flatMap(decision -> decision.text("effect"))
                            .orElseThrow());
        }
        int before = door.guard.proposed.size();
        var pong = door.ask()
                .in(session)
                .post("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}")
                .json();
        assertEquals("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}", pong.toString());
        door.ask().in(session).post(request("completion/complete"));
        assertEquals("completion/complete", door.relay.passed.getLast().method());
        assertEquals(before, door.guard.proposed.size());
    }

    @Test
    void headers_are_as_the_transport_wants_them() {
        String ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
        assertEquals(
                415,
                door.ask()
                        .in(session)
                        .with("Content-Type", "text/plain")
                        .post(ping)
                        .status());
        assertEquals(
                406,
                door.ask().in(session).with("Accept", "text/html").post(ping).status());
        assertEquals(
                406,
                door.ask()
                        .in(session)
                        .with("Accept", "application/json;q=0")
                        .post(ping)
                        .status());
        for (String version : List.of("2026-07-28", "x"))
            assertEquals(
                    400,
                    door.ask()
                            .in(session)
                            .with(McpDoor.VERSION, version)
                            .post(ping)
                            .status(),
                    version);
        for (String version : Era.LEGACY_REVISIONS)
            assertEquals(
                    200,
                    door.ask()
                            .in(session)
                            .with(McpDoor.VERSION, version)
                            .post(ping)
                            .status(),
                    version);
        assertEquals(
                200,
                door.ask()
                        .in(session)
                        .with("Content-Type", "Application/JSON; charset=utf-8")
                        .post(ping)
                        .status());
        assertEquals(
                200, door.ask().in(session).with("Accept", "*/*").post(ping).status());
        assertEquals(405, door.ask().in(session).also("X-Any", "1").put(ping).status(), "no other verb leads anywhere");
    }

    @Test
    void events_alone_are_enough() {
        var answer = door.ask().in(session).with("Accept", "text/event-stream").post(call(5, "echo"));
        assertTrue(answer.streams());
        assertEquals(
                List.of(JsonNumber.of(5)),
                answer.events().stream()
                        .map(event -> event.get("id").orElseThrow())
                        .toList());
    }

    @Test
    void only_agents_and_only_configured_servers() {
        for (String name : List.of("host", "operator"))
            assertEquals(
                    403,
                    door.ask()
                            .with("Authorization", "Bearer " + name)
                            .post(initialize("2025-11-25"))
                            .status());
        assertEquals(
                404, door.ask("/mcp/nowhere").post(initialize("2025-11-25")).status());
        assertEquals(200, door.ask("/mcp/other").post(initialize("2025-11-25")).status());
    }

    @Test
    void a_request_that_passed_no_check_of_its_credential_fails() {
        int before = door.guard.proposed.size();
        var answer = door.ask().with("Authorization", "Basic x").in(session).post(call(1, "echo"));
        assertNotEquals(200, answer.status());
        assertEquals(before, door.guard.proposed.size());
    }
}
