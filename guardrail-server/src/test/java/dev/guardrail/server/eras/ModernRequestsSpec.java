package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.PlayedServer.complete;
import static dev.guardrail.server.eras.PlayedServer.parse;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests of the second era (MCP 2026-07-28), through a whole guard.
@Timeout(120)
class ModernRequestsSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: modern}
            rules:
              - {id: tools, match: {tools: ["shop.run", "shop.pay"]}, effect: allow}
              - {id: cap, match: {tools: ["shop.pay"]}, effect: modify, when: args.amount > 100, set: {args.amount: "100"}}
            """;

    private static final JsonObject PAY = parse("""
            {"name":"pay","inputSchema":{"type":"object","properties":{
            "amount":{"type":"integer","x-mcp-header":"Amount"},
            "to":{"type":"object","properties":{"name":{"type":"string","x-mcp-header":"To"}}},
            "note":{"type":"string"}}}}""");

    private Stage stage;
    private PlayedServer server;
    private Client client;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        server = new PlayedServer(true, tool("run"), PAY, tool("hidden"));
        for (String name : List.of("run", "pay")) server.on("tools/call " + name, turn -> turn.result(complete("ran")));
        stage = new Stage(directory, server, RULES);
        client = stage.modern();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        stage.close();
    }

    private static String run(String more) {
        return ",\"name\":\"run\",\"arguments\":{}" + more;
    }

    private static long code(JsonObject answer) {
        return answer.object("error")
                .orElseThrow(() -> new AssertionError(answer))
                .integer("code")
                .orElseThrow();
    }

    @Test
    void what_a_server_is_comes_as_it_says_it_and_no_session_is_opened() {
        var answer = client.ask(1, "server/discover", "");
        assertEquals(200, answer.status());
        assertEquals("", answer.header("Mcp-Session-Id"));
        assertEquals(
                "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{},"
                        + "\"resources\":{},\"x\":{\"kept\":1.0}},\"serverInfo\":{\"name\":\"played\",\"version\":\"3\"},"
                        + "\"ttlMs\":60000,\"cacheScope\":\"public\"}",
                answer.json().object("result").orElseThrow().toString());
        assertEquals(0, server.all("initialize").size());
        assertEquals(200, client.ask(2, "tools/call", run("")).status());
        assertTrue(server.heard.stream().noneMatch(heard -> heard.has("Mcp-Session-Id")));
    }

    @Test
    void a_call_passes_with_its_own_facts_and_headers_made_from_its_body() {
        var meta = client.ask(7, "tools/call", "{\"sampling\":{}}", run(",\"z\":1.0"), Map.of());
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":" + complete("ran") + "}",
                meta.json().toString());
        var sent = server.first("tools/call");
        assertEquals("2026-07-28", sent.header("MCP-Protocol-Version"));
        assertEquals("tools/call", sent.header("Mcp-Method"));
        assertEquals("run", sent.header("Mcp-Name"));
        assertEquals(
                "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                        + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"bare\",\"version\":\"9\"},"
                        + "\"io.modelcontextprotocol/clientCapabilities\":{\"sampling\":{}}},"
                        + "\"name\":\"run\",\"arguments\":{},\"z\":1.0}",
                sent.params().toString());
        assertFalse(sent.has("Authorization"), "no token passes through");
    }

    @Test
    void headers_that_do_not_say_what_the_body_says_are_refused() {
        int before = server.heard.size();
        for (var wrong : List.of(
                Map.of("Mcp-Method", "tools/list"),
                Map.of("Mcp-Name", "hidden"),
                Map.of("Mcp-Name", "Run"),
                Map.of("Mcp-Name", "=?base64?cnV?="),
                Map.of("MCP-Protocol-Version", "2025-11-25"))) {
            var answer = client.ask(1, "tools/call", "{}", run(""), wrong);
            assertEquals(400, answer.status(), wrong::toString);
            assertEquals(-32020, code(answer.json()), wrong::toString);
        }
        assertEquals(before, server.heard.size());
        assertEquals(
                200,
                client.ask(1, "tools/call", "{}", run(""), Map.of("Mcp-Name", "=?base64?cnVu?="))
                        .status());
        assertEquals("run", server.first("tools/call").header("Mcp-Name"));
    }

    private Client.Stream pay(String arguments, Map<String, String> headers) {
        return client.ask(1, "tools/call", "{}", ",\"name\":\"pay\",\"arguments\":" + arguments, headers);
    }

    @Test
    void parameters_that_the_schema_wants_mirrored_are_checked_and_mirrored() {
        String arguments = "{\"amount\":42,\"to\":{\"name\":\"Zoë\"},\"note\":\"n\"}";
        String zoe = "=?base64?Wm/Dqw==?=";
        for (Map<String, String> wrong : List.of(
                Map.<String, String>of(),
                Map.of("Mcp-Param-Amount", "43", "Mcp-Param-To", zoe),
                Map.of("Mcp-Param-Amount", "42", "Mcp-Param-To", "Zoe"),
                Map.of("Mcp-Param-Amount", "4.2e1", "Mcp-Param-To", zoe),
                Map.of("Mcp-Param-Amount", "42"))) {
            var answer = pay(arguments, wrong);
            assertEquals(400, answer.status(), wrong::toString);
            assertEquals(-32020, code(answer.json()));
        }
        assertEquals(0, server.all("tools/call").size());
        assertEquals(
                200,
                pay(arguments, Map.of("mcp-param-amount", "42.0", "Mcp-Param-To", zoe))
                        .status());
        var sent = server.first("tools/call");
        assertEquals("42", sent.header("Mcp-Param-Amount"));
        assertEquals(zoe, sent.header("Mcp-Param-To"));
    }

    @Test
    void parameters_that_nobody_knows_are_passed_on_and_what_a_rule_changed_is_mirrored_anew() {
        var headers = Map.of("Mcp-Param-Amount", "5000", "Mcp-Param-Region", "eu", "X-Other", "no");
        assertEquals(200, pay("{\"amount\":5000}", headers).status());
        var sent = server.first("tools/call");
        assertEquals(
                "{\"amount\":100}",
                sent.params().object("arguments").orElseThrow().toString());
        assertEquals("100", sent.header("Mcp-Param-Amount"));
        assertEquals("eu", sent.header("Mcp-Param-Region"));
        assertFalse(sent.has("X-Other"));
    }

    @Test
    void a_request_that_lacks_its_facts_or_speaks_another_revision_is_refused() {
        String bare = Client.request(1, "tools/call", "{\"name\":\"run\"}");
        var facts = client.ask(1, "tools/call", "null", run(""), Map.of());
        assertEquals(400, facts.status());
        assertEquals(-32602, code(facts.json()));
        assertEquals(400, client.post(bare).status(), "without a word of its era it belongs to a session");
        for (String removed : List.of("ping", "logging/setLevel", "resources/subscribe", "initialize")) {
            var answer = client.ask(1, removed, "");
            assertEquals(404, answer.status(), removed);
            assertEquals(-32601, code(answer.json()));
        }
        var unknown = client.ask(1, "shop/close", "");
        assertEquals(-32601, code(unknown.json()), "no rule permits it");
        assertEquals(0, server.all("tools/call").size());
        assertEquals(200, client.ask(1, "tools/call", run("")).status());
    }

    @Test
    void a_list_that_was_filtered_is_the_callers_own_and_another_is_not() {
        var filtered = client.ask(1, "tools/list", "").json().object("result").orElseThrow();
        assertEquals("complete", filtered.text("resultType").orElseThrow());
        assertEquals(
                List.of("run", "pay"),
                filtered.array("tools").orElseThrow().objects().stream()
                        .map(tool -> tool.text("name").orElseThrow())
                        .toList());
        assertEquals(60_000, filtered.integer("ttlMs").orElseThrow());
        assertEquals("private", filtered.text("cacheScope").orElseThrow());
        server.on(
                "tools/list",
                turn -> turn.result(parse("{\"resultType\":\"complete\",\"tools\":[" + tool("run")
                        + "],\"ttlMs\":7,\"cacheScope\":\"public\"}")));
        var whole = client.ask(1, "tools/list", "").json().object("result").orElseThrow();
        assertEquals("public", whole.text("cacheScope").orElseThrow());
    }

    @Test
    void a_denied_call_says_what_kind_of_result_it_is() {
        var denied = client.ask(1, "tools/call", ",\"name\":\"hidden\",\"arguments\":{}")
                .json()
                .object("result")
                .orElseThrow();
        assertTrue(denied.isTrue("isError"));
        assertEquals("complete", denied.text("resultType").orElseThrow());
        assertEquals(0, server.all("tools/call").size());
    }

    @Test
    void a_subscription_has_the_clients_own_id_and_ends_when_it_leaves() {
        var gone = new CountDownLatch(1);
        server.on("subscriptions/listen", turn -> {
            turn.stream();
            String meta = "{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + turn.id() + "},\"n\":";
            turn.say("notifications/subscriptions/acknowledged", meta + "1}");
            turn.say("notifications/resources/updated", meta + "2}");
            turn.untilGone();
            gone.countDown();
        });
        try (var stream = client.ask(
                "mine", "subscriptions/listen", ",\"notifications\":{\"resourceSubscriptions\":[\"a://b\"]}")) {
            for (int n = 1; n <= 2; n++) {
                var params = stream.event().json().object("params").orElseThrow();
                assertEquals(
                        "{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"mine\"},\"n\":" + n + "}",
                        params.toString());
            }
            assertEquals(1, gone.getCount());
        }
        PlayedServer.await(() -> gone.getCount() == 0);
        assertNotEquals(
                "\"mine\"",
                server.first("subscriptions/listen")
                        .message()
                        .get("id")
                        .orElseThrow()
                        .toString());
    }

    @Test
    void a_client_that_leaves_cancels_its_call_upstream_and_another_lives_on() {
        var gone = new CountDownLatch(1);
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.say("notifications/message", "{\"level\":\"info\",\"data\":1}");
            turn.untilGone();
            gone.countDown();
        });
        try (var stream = client.ask(1, "tools/call", run(""))) {
            assertEquals(
                    "notifications/message",
                    stream.event().json().text("method").orElseThrow());
            assertEquals(1, gone.getCount());
        }
        PlayedServer.await(() -> gone.getCount() == 0);
        assertEquals(0, server.all("notifications/cancelled").size(), "closing is the word for it");
        assertEquals(200, pay("{}", Map.of()).status());
    }

    @Test
    void a_call_in_flight_is_not_taken_twice_and_an_id_alone_is_no_duplicate() {
        var gone = new CountDownLatch(1);
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.say("notifications/message", "{}");
            held(gone);
            turn.result(complete("late"));
        });
        try (var other = Client.modern(stage.guard, Served.OTHER, "shop");
                var stream = client.ask(1, "tools/call", run(""))) {
            stream.event();
            assertEquals(400, client.ask(1, "tools/call", run("")).status());
            assertEquals(
                    200,
                    client.ask(1, "tools/call", ",\"name\":\"pay\",\"arguments\":{}")
                            .status());
            assertEquals(
                    200,
                    other.ask(1, "tools/call", ",\"name\":\"pay\",\"arguments\":{}")
                            .status());
            gone.countDown();
            assertTrue(stream.event().data().contains("late"));
        }
    }

    private static void held(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_server_of_the_first_era_says_so_in_its_own_words(@TempDir Path directory) throws Exception {
        var old = new PlayedServer(false, tool("run"));
        old.on("server/discover", turn -> turn.error(400, -32000, "Bad Request: no session"));
        old.on("tools/call run", turn -> turn.result(PlayedServer.text("ran")));
        try (var first = new Stage(directory, old, Stage.EVERYTHING);
                var probing = first.modern();
                var fallen = first.legacy()) {
            for (String method : List.of("server/discover", "tools/call")) {
                var words = probing.ask(3, method, method.equals("tools/call") ? run("") : "");
                assertEquals(400, words.status());
                assertEquals(
                        "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32000,\"message\":\"Bad Request: no session\"}}",
                        words.json().toString());
            }
            assertEquals(0, old.all("tools/call").size());
            assertTrue(fallen.answer("tools/call", "{\"name\":\"run\",\"arguments\":{}}")
                    .has("result"));
        }
    }

    @Test
    void a_server_of_the_second_era_greets_no_client_of_the_first() {
        server.on("initialize", turn -> turn.error(400, -32022, "Unsupported protocol version"));
        var refused = client.post(Client.request(1, "initialize", Client.hello()));
        assertEquals("", refused.header("Mcp-Session-Id"));
        assertEquals(-32022, code(refused.json()));
        assertEquals(200, client.ask(1, "server/discover", "").status());
    }
}
