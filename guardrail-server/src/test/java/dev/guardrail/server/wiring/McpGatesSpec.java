package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The MCP door of a whole guard: who gets to it.
class McpGatesSpec {
    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}}";

    @TempDir
    Path directory;

    private Served guard;

    @BeforeEach
    void serve() throws Exception {
        Files.createDirectories(directory.resolve("policies"));
        Files.createDirectories(directory.resolve("room"));
        Served.write(directory.resolve("policies/rules.yaml"), Served.RULES);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  workspace: {builtin: workspace, root: ./room}
                  crm: {caller: true}
                agents:
                  - {name: coder, key: {env: CODER}}
                hosts:
                  - {name: app, key: {env: APP}, agents: [bot]}
                origins: ["https://guardrail.example"]
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver, admin, auditor]}
                """);
        guard = Served.in(directory);
    }

    @AfterEach
    void stop() throws IOException {
        guard.close();
    }

    private Served.Answer initialize(String key) {
        return guard.send(
                key, "POST", "/mcp/workspace", INITIALIZE, Map.of("Accept", "application/json, text/event-stream"));
    }

    @Test
    void an_agent_is_let_in_and_nobody_else() {
        var welcome = initialize(Served.CODER);
        assertEquals(200, welcome.status(), welcome::text);
        assertTrue(welcome.text().contains("guardrail/workspace"), welcome::text);
        assertEquals(401, initialize("").status());
        assertEquals(401, initialize("grd_" + "x".repeat(43)).status());
        assertEquals(403, initialize(Served.APP).status());
        assertEquals(403, initialize(Served.ANN).status());
    }

    @Test
    void foreign_origins_and_hosts_are_kept_out() throws Exception {
        String here = "127.0.0.1:" + guard.sidecar.url().getPort();
        allowed(here, "");
        allowed(here, "Origin: http://localhost:3000\r\n");
        allowed("guardrail.example", "Origin: https://guardrail.example\r\n");
        for (String origin : List.of("https://evil.example", "null", "http://localhost.evil.example"))
            refused(here, "Origin: " + origin + "\r\n");
        for (String host : List.of("evil.example", "0.0.0.0", "127.0.0.1.evil.example", "")) refused(host, "");
    }

    private void allowed(String host, String more) throws IOException {
        String line = raw(host, more);
        assertTrue(line.contains(" 200 "), line);
    }

    private void refused(String host, String more) throws IOException {
        String line = raw(host, more);
        assertTrue(line.contains(" 403 "), () -> "host `" + host + "`, " + more + line);
    }

    private String raw(String host, String more) throws IOException {
        return guard.raw("POST /mcp/workspace HTTP/1.1\r\nHost: " + host + "\r\n" + more + "Authorization: Bearer "
                + Served.CODER + "\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + INITIALIZE.length() + "\r\nConnection: close\r\n\r\n" + INITIALIZE);
    }

    @Test
    void a_session_token_speaks_for_its_agent() {
        var session = guard.post(Served.APP, "/v1/sessions", "{\"agent\":\"bot\",\"user\":\"uma\"}");
        assertEquals(200, initialize(session.text("token")).status());
    }

    @Test
    void a_client_hears_of_other_tools_and_not_of_the_same_again() throws Exception {
        String session = initialize(Served.CODER).headers().get("mcp-session-id");
        var request = HttpRequest.newBuilder(URI.create(guard.sidecar.url() + "/mcp/workspace"))
                .header("Authorization", "Bearer " + Served.CODER)
                .header("Accept", "text/event-stream")
                .header("Mcp-Session-Id", session)
                .build();
        try (var client = HttpClient.newHttpClient();
                var lines = client.send(request, HttpResponse.BodyHandlers.ofLines())
                        .body()) {
            var heard = lines.filter(line -> line.startsWith("data: ")).iterator();
            var pins = guard.sidecar.assembly().pins();
            var news = new ArrayList<String>();
            ToolNews.pass(pins, guard.sidecar.assembly().policies(), List.of("workspace", "crm"), news::add);
            pins.fix("workspace", List.of(JsonObject.with("name", "one").build()));
            assertTrue(heard.next().contains("notifications/tools/list_changed"));
            pins.fix("workspace", List.of(JsonObject.with("name", "one").build()));
            pins.fix("workspace", List.of(JsonObject.with("name", "two").build()));
            assertTrue(heard.next().contains("notifications/tools/list_changed"));
            client.shutdownNow();
            assertEquals(List.of("workspace", "workspace"), news, "the second listing brought no news");
        }
    }

    @Test
    void tools_that_callers_run_are_not_reached_this_way() {
        var answer = guard.send(Served.CODER, "POST", "/mcp/crm", INITIALIZE, Map.of());
        assertEquals(404, answer.status());
    }
}
