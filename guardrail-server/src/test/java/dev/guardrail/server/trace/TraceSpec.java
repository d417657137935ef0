package dev.guardrail.server.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Traces from a client through the guard to its upstream, as a collector sees them.
class TraceSpec {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private Recorder recorder;
    private Served guard;
    private String session;

    @BeforeEach
    void record() throws Exception {
        recorder = new Recorder();
    }

    @AfterEach
    void stop() throws Exception {
        guard.close();
        recorder.close();
    }

    private void serve(String telemetry) throws Exception {
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: base, owner: platform}
                rules:
                  - {id: allow-get, match: {tools: [shop.get]}, effect: allow}
                """);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  shop: {url: "URL/mcp"}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [admin, auditor]}
                """.replace("URL", recorder.url()) + telemetry);
        guard = Served.in(directory);
        await(() -> guard.get(Served.ANN, "/v1/tools").text().contains("shop.get"));
        session = send(
                        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
                                + "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}",
                        Map.of())
                .headers()
                .get("mcp-session-id");
    }

    private void serveWithCollector() throws Exception {
        serve("telemetry: {otlp: \"" + recorder.url() + "\"}\n");
    }

    private static void await(BooleanSupplier done) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("it did not come about");
            Thread.onSpinWait();
        }
    }

    private Served.Answer send(String body, Map<String, String> more) {
        var headers = new HashMap<>(more);
        headers.put("Accept", "application/json, text/event-stream");
        return guard.send(Served.CODER, "POST", "/mcp/shop", body, headers);
    }

    /// @param meta members of `_meta`
    private Recorder.Heard call(String meta, Map<String, String> more) {
        var headers = new HashMap<>(more);
        headers.put("Mcp-Session-Id", session);
        headers.put("MCP-Protocol-Version", "2025-11-25");
        var answer = send(
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"get\",\"arguments\":"
                        + "{\"q\":\"argument-canary\"}" + meta + "}}",
                headers);
        assertTrue(answer.text().contains("result-canary"), answer::text);
        return recorder.call();
    }

    private static String meta(String members) {
        return ",\"_meta\":{" + members + "}";
    }

    private JsonObject span(String name, int kind) {
        await(() -> recorder.spans().stream().anyMatch(span -> is(span, name, kind)));
        return recorder.spans().stream()
                .filter(span -> is(span, name, kind))
                .findFirst()
                .orElseThrow();
    }

    private static boolean is(JsonObject span, String name, int kind) {
        return span.text("name").orElse("").equals(name) && span.integer("kind").orElse(0) == kind;
    }

    private static String text(JsonObject span, String member) {
        return span.text(member).orElse("");
    }

    @Test
    void the_spans_of_client_guard_and_upstream_hang_together() throws Exception {
        serveWithCollector();
        var heard = call(
                meta("\"traceparent\":\"" + PARENT
                        + "\",\"tracestate\":\"a=1\",\"baggage\":\"k=secret\",\"x\":\"kept\""),
                Map.of("baggage", "k=secret", "traceparent", "00-" + "1".repeat(32) + "-" + "2".repeat(16) + "-01"));

        var request = span("tools/call get", 2);
        var execution = span("execute_tool get", 1);
        var outbound = span("tools/call get", 3);
        for (JsonObject span : List.of(request, execution, outbound)) assertEquals(TRACE, text(span, "traceId"));
        assertEquals(SPAN, text(request, "parentSpanId"));
        assertEquals(text(request, "spanId"), text(execution, "parentSpanId"));
        assertEquals(text(execution, "spanId"), text(outbound, "parentSpanId"));
        assertEquals("00-" + TRACE + "-" + text(outbound, "spanId") + "-01", heard.meta("traceparent"));
        assertEquals(heard.meta("traceparent"), heard.parent());
        assertEquals("a=1", heard.meta("tracestate"));
        assertEquals("kept", heard.meta("x"));
        assertEquals("", heard.meta("baggage"));
        assertEquals("null", heard.baggage());
        assertTrue(request.array("links").orElseThrow().toString().contains("2".repeat(16)), "the header is linked");

        for (String told : List.of("mcp.method.name", "gen_ai.tool.name", "jsonrpc.request.id", "mcp.session.id"))
            assertTrue(request.toString().contains(told), told);
        for (String told : List.of("guardrail.decision.effect", "allow-get", "guardrail.policy.version", "2025-11-25"))
            assertTrue(request.toString().contains(told), told);
        for (String secret : List.of("canary", session, "k=secret"))
            assertFalse(recorder.collected().contains(secret), secret);
    }

    @Test
    void a_request_without_a_trace_begins_one_where_spans_are_wanted() throws Exception {
        serveWithCollector();
        var heard = call("", Map.of());
        assertEquals(
                text(span("tools/call get", 2), "traceId"),
                heard.meta("traceparent").substring(3, 35));
        assertEquals("", text(span("tools/call get", 2), "parentSpanId"));
    }

    @Test
    void without_a_collector_the_wire_stays_as_it_is_and_traces_still_join() throws Exception {
        serve("");
        var silent = call("", Map.of());
        assertFalse(silent.params().has("_meta"), "nothing is added");
        assertEquals("null", silent.parent());

        var traced = call(meta("\"traceparent\":\"" + PARENT + "\""), Map.of());
        assertTrue(traced.meta("traceparent").startsWith("00-" + TRACE + "-"), traced::toString);
        assertNotEquals(PARENT, traced.meta("traceparent"));
        assertEquals(traced.meta("traceparent"), traced.parent());

        var headed = call("", Map.of("traceparent", PARENT));
        assertFalse(headed.params().has("_meta"), "a header goes no further");
        assertEquals("null", headed.parent());

        var malformed = call(meta("\"traceparent\":\"00-zz\",\"tracestate\":\"a=1\",\"x\":\"kept\""), Map.of());
        assertEquals("", malformed.meta("traceparent") + malformed.meta("tracestate"));
        assertEquals("kept", malformed.meta("x"));
        assertEquals("null", malformed.parent());
        assertTrue(recorder.spans().isEmpty());
    }

    @Test
    void a_collector_that_is_away_costs_a_call_nothing() throws Exception {
        serve("telemetry: {otlp: \"http://127.0.0.1:1\"}\n");
        call("", Map.of());
        await(() -> guard.get(Served.ANN, "/metrics")
                .text()
                .lines()
                .anyMatch(line ->
                        line.startsWith("guardrail_trace_spans_total{outcome=\"dropped\"}") && !line.endsWith(" 0.0")));
    }
}
