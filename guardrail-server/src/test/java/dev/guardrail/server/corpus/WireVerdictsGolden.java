package dev.guardrail.server.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every line of `corpora/mcp-jsonrpc.jsonl` sent to the MCP door of a whole guard: none of them runs anything, those
/// to
/// reject are rejected before policy, those to deny are denied by it, and what would be allowed well-formed is.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WireVerdictsGolden {
    private static final String POLICY = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: wire}
            rules:
              - {id: pay, match: {tools: [shop.pay]}, effect: allow, when: args.amount <= 100}
              - {id: rest, match: {tools: [shop.ls, shop.rm]}, effect: allow}
            """;

    @SuppressWarnings("NullAway.Init") // set before all
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before all
    private ShopUpstream shop;

    @SuppressWarnings("NullAway.Init") // set before all
    private Served served;

    @SuppressWarnings("NullAway.Init") // set before all
    private String session;

    @BeforeAll
    @Timeout(60)
    void start(@TempDir Path scratch) throws Exception {
        directory = scratch;
        shop = new ShopUpstream();
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  shop: {url: "%s"}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: sam, key: {env: SAM}, roles: [auditor]}
                """.formatted(shop.url()));
        Served.write(directory.resolve("policies/rules.yaml"), POLICY);
        served = Served.in(directory);
        Served.Answer hello = send(
                "{\"jsonrpc\":\"2.0\",\"id\":\"hello\",\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                        + "\"capabilities\":{},\"clientInfo\":{\"name\":\"corpus\",\"version\":\"1\"}}}",
                Map.of());
        while (!served.get(Served.SAM, "/v1/tools").text().contains("shop.pay")) Thread.onSpinWait();
        session = hello.headers().getOrDefault("mcp-session-id", "");
        send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", headers());
    }

    @AfterAll
    void stop() throws IOException {
        served.close();
        shop.close();
    }

    @TestFactory
    Stream<DynamicTest> every_line_gets_the_wanted_verdict() throws IOException {
        return lines().stream()
                .map(line -> DynamicTest.dynamicTest(
                        line.text("name").orElseThrow(),
                        () -> judge(
                                line.text("line").orElseThrow(),
                                line.text("want").orElse("reject"))));
    }

    private void judge(String line, String want) {
        long before = decisions();
        int ran = shop.calls().size();
        Served.Answer answer = send(line, headers());
        String told = answer.status() + " " + answer.text();
        if (want.startsWith("drop")) assertTrue(answer.status() == 202 || answer.status() >= 400, told);
        else if (want.startsWith("deny") || want.contains("=> deny")) assertTrue(isDenied(answer), told);
        else if (want.startsWith("canonical")) assertTrue(isRun(answer), told);
        else assertTrue(isRejected(answer), told);
        // What nobody here knows is an action: there is no such method because no rule permits it.
        long judged = want.equals("reject unknown method") ? 1 : 0;
        if (isRejected(answer)) assertEquals(before + judged, decisions(), "rejected before policy");
        if (!want.startsWith("canonical")) assertEquals(ran, shop.calls().size(), "nothing reaches the server");
        else
            assertEquals(
                    List.of("[{\"name\":\"pay\",\"arguments\":{\"amount\":-0}}]"),
                    shop.calls().stream().skip(ran).toList());
    }

    @Test
    void the_same_call_well_formed_is_judged_and_permitted() {
        long before = decisions();
        Served.Answer answer = send(
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"pay\",\"arguments\":{\"amount\":5}}}",
                headers());
        assertEquals(200, answer.status());
        assertTrue(!isDenied(answer) && !isRejected(answer), answer.text());
        assertEquals(before + 1, decisions());
        assertTrue(shop.calls().stream().anyMatch(call -> call.contains("\"amount\":5")), "it reaches the server");
    }

    private static boolean isRejected(Served.Answer answer) {
        return answer.status() >= 400
                || answer.text().contains("\"error\"") && answer.text().contains("\"code\":-32");
    }

    private static boolean isDenied(Served.Answer answer) {
        return answer.text().contains("\"effect\":\"deny\"");
    }

    private static boolean isRun(Served.Answer answer) {
        return answer.status() == 200 && !isRejected(answer);
    }

    /// How many decisions the journal holds.
    private long decisions() {
        return served.get(Served.SAM, "/v1/audit/export?format=jsonl")
                .text()
                .lines()
                .filter(entry -> entry.contains("\"kind\":\"decided\""))
                .count();
    }

    private Map<String, String> headers() {
        return Map.of("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25");
    }

    private Served.Answer send(String body, Map<String, String> more) {
        var headers = new java.util.HashMap<>(more);
        headers.put("Accept", "application/json, text/event-stream");
        return served.send(Served.CODER, "POST", "/mcp/shop", body, headers);
    }

    private List<JsonObject> lines() throws IOException {
        try (var corpus = getClass().getResourceAsStream("/corpora/mcp-jsonrpc.jsonl")) {
            assertTrue(corpus != null, "the corpus is there");
            return new String(corpus.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                    .toList();
        }
    }
}
