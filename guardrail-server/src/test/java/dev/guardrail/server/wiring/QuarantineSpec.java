package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.corpus.ShopUpstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Tools whose definition hides something or changes, through a whole guard and a server that records what reaches it.
@Timeout(120)
class QuarantineSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: base, owner: platform}
            rules:
              - {id: allow, match: {tools: [shop.*]}, effect: allow}
            """;

    @TempDir
    Path directory;

    private ShopUpstream shop;
    private Served guard;

    @BeforeEach
    void serve() throws Exception {
        shop = new ShopUpstream();
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), RULES);
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
                  - {name: root, key: {env: ROOT}, roles: [admin]}
                """.formatted(shop.url()));
    }

    @AfterEach
    void stop() throws IOException {
        guard.close();
        shop.close();
    }

    private void start(JsonObject... tools) throws Exception {
        shop.list(tools);
        guard = Served.in(directory);
        while (tools().isEmpty()) Thread.onSpinWait();
    }

    private static JsonObject described(String name, String description) {
        return ShopUpstream.tool(name).set("description", new JsonText(description));
    }

    private List<JsonObject> tools() {
        return guard.get(Served.ROOT, "/v1/tools?server=shop")
                .json()
                .array("items")
                .map(JsonArray::objects)
                .orElse(List.of());
    }

    private JsonObject tool(String name) {
        return tools().stream()
                .filter(each -> each.text("tool").orElse("").equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Served.Answer accept(String tool, String digest) {
        return guard.post(Served.ROOT, "/v1/tools/" + tool + "/accept", "{\"digest\":\"" + digest + "\"}");
    }

    /// A client of the MCP door.
    private final class Client {
        private final String session;

        Client() {
            var welcome = send("initialize", "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}", Map.of());
            session = welcome.headers().get("mcp-session-id");
        }

        private Served.Answer send(String method, String params, Map<String, String> more) {
            var headers = new java.util.HashMap<>(more);
            headers.put("Accept", "application/json, text/event-stream");
            return guard.send(
                    Served.CODER,
                    "POST",
                    "/mcp/shop",
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}",
                    headers);
        }

        private String ask(String method, String params) {
            return send(method, params, Map.of("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25"))
                    .text();
        }

        String list() {
            return ask("tools/list", "{}");
        }

        String call(String tool) {
            return ask("tools/call", "{\"name\":\"" + tool + "\",\"arguments\":{}}");
        }
    }

    @Test
    void a_definition_that_hides_something_is_neither_shown_nor_run_before_it_is_accepted() throws Exception {
        start(described("ls", "Lists.\u202E"), described("rm", "Removes."));
        var client = new Client();

        var waiting = tool("shop.ls");
        assertEquals("quarantined", waiting.text("state").orElseThrow());
        assertEquals(
                List.of("description[6] U+202E"),
                waiting.array("findings").orElseThrow().texts());
        assertFalse(waiting.has("digest"));
        assertFalse(waiting.has("definition"));
        assertFalse(client.list().contains("\"ls\""));
        assertFalse(guard.get(Served.CODER, "/v1/tools").text().contains("shop.ls"));
        String denied = client.call("ls");
        assertTrue(denied.contains("waits for an operator's acceptance"), denied);
        assertTrue(denied.contains("\"executed\":false"), denied);
        assertEquals(List.of(), shop.calls());
        assertTrue(client.list().contains("\"rm\""), "the positive control");
        assertTrue(client.call("rm").contains("done"));

        var accepted = accept("shop.ls", waiting.text("offered").orElseThrow());

        assertEquals(200, accepted.status(), accepted::text);
        assertEquals("pinned", accepted.text("state"));
        assertTrue(client.list().contains("\"ls\""));
        assertTrue(client.call("ls").contains("done"));
        assertEquals(2, shop.calls().size());
        String journal =
                guard.get(Served.SAM, "/v1/audit/entries?q=tool:shop.ls").text();
        assertTrue(journal.contains("\"state\":\"quarantined\""), journal);
        assertTrue(journal.contains("\"state\":\"accepted\"") && journal.contains("\"by\":\"root\""), journal);
    }

    @Test
    void a_schema_that_changed_between_list_and_call_is_not_run_before_it_is_accepted() throws Exception {
        start(ShopUpstream.tool("ls"));
        var client = new Client();
        assertTrue(client.list().contains("\"ls\""));

        shop.list(ShopUpstream.tool("ls").set("inputSchema", (JsonObject)
                StrictJson.parse("{\"type\":\"object\",\"properties\":{\"also\":{\"const\":\"all keys\"}}}"
                        .getBytes(StandardCharsets.UTF_8))));
        String refused = client.call("ls");

        assertTrue(refused.contains("changed the definition"), refused);
        assertEquals(List.of(), shop.calls());
        String denied = client.call("ls");
        assertTrue(denied.contains("waits for an operator's acceptance"), denied);
        assertEquals(List.of(), shop.calls());
        var waiting = tool("shop.ls");
        assertEquals(
                "[{\"at\":\"inputSchema.properties\",\"after\":{\"also\":{\"const\":\"all keys\"}}}]",
                waiting.array("differences").orElseThrow().toString());
        var other = accept("shop.ls", "sha256:" + "0".repeat(64));
        assertEquals(409, other.status(), other::text);
        assertEquals(
                200, accept("shop.ls", waiting.text("offered").orElseThrow()).status());

        String ran = client.call("ls");
        assertTrue(ran.contains("done"), ran);
        assertEquals(1, shop.calls().size());
    }

    @Test
    void names_with_a_slash_and_strange_ones_are_accepted_by_their_path() throws Exception {
        start(described("a/b", "Slashed."), described("r\u200Bm", "Not rm."), described("rm", "Removes."));

        var waiting = tools().stream()
                .filter(each -> each.text("state").orElse("").equals("quarantined"))
                .toList();
        assertEquals(1, waiting.size());
        assertEquals(
                "name: is not 1 to 128 of the letters, digits and _ - . / of ASCII",
                waiting.getFirst().array("findings").orElseThrow().texts().getFirst());
        String digest = waiting.getFirst().text("offered").orElseThrow();
        assertEquals(200, accept("shop.r%E2%80%8Bm", digest).status());
        String slashed = tool("shop.a/b").text("digest").orElseThrow();
        assertEquals(200, accept("shop.a%2Fb", slashed).status());
    }

    @Test
    void clients_hear_of_quarantine_acceptance_and_other_policies() throws Exception {
        start(described("ls", "Lists."), described("rm", "Removes."));
        var client = new Client();
        var request = HttpRequest.newBuilder(URI.create(guard.sidecar.url() + "/mcp/shop"))
                .header("Authorization", "Bearer " + Served.CODER)
                .header("Accept", "text/event-stream")
                .header("Mcp-Session-Id", client.session)
                .build();
        try (var http = HttpClient.newHttpClient();
                var lines =
                        http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            var heard = lines.filter(line -> line.startsWith("data: ") && line.contains("list_changed"))
                    .iterator();

            shop.list(described("ls", "Lists. And more."), described("rm", "Removes."));
            client.call("rm");
            assertTrue(heard.next().contains("notifications/tools/list_changed"));
            assertFalse(client.list().contains("\"ls\""));

            accept("shop.ls", tool("shop.ls").text("offered").orElseThrow());
            assertTrue(heard.next().contains("notifications/tools/list_changed"));
            assertTrue(client.list().contains("And more."));

            Served.write(directory.resolve("policies/rules.yaml"), RULES.replace("shop.*", "shop.rm"));
            assertTrue(heard.next().contains("notifications/tools/list_changed"));
            assertFalse(client.list().contains("\"ls\""));
            assertTrue(client.list().contains("\"rm\""));
            http.shutdownNow();
        }
    }
}
