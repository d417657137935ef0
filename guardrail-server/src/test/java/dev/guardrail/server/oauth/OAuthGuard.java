package dev.guardrail.server.oauth;

import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A whole guard that takes tokens of an authorization server, before an upstream that keeps what it hears.
final class OAuthGuard implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(20);

    static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: base, owner: platform}
            rules:
              - {id: allow-get, match: {tools: [shop.get]}, effect: allow}
              - {id: deny-mallory, match: {tools: [shop.get], users: [mallory]}, effect: deny, message: Not you.}
            """;
    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}";

    final AuthorizationServer issuer;
    final RecordingUpstream upstream;
    final Served served;

    private OAuthGuard(AuthorizationServer issuer, RecordingUpstream upstream, Served served) {
        this.issuer = issuer;
        this.upstream = upstream;
        this.served = served;
    }

    /// @param credential of the upstream, as it stands in the configuration; `TOKEN_URL` is filled in
    static OAuthGuard in(Path directory, String credential) throws Exception {
        return of(directory, credential, "");
    }

    /// Before an upstream of the second era.
    static OAuthGuard modern(Path directory, String credential) throws Exception {
        var upstream = new RecordingUpstream();
        upstream.modern();
        return before(upstream, directory, credential, "");
    }

    /// @param configured the issuer as configured; empty for the true one
    static OAuthGuard of(Path directory, String credential, String configured) throws Exception {
        return before(new RecordingUpstream(), directory, credential, configured);
    }

    private static OAuthGuard before(RecordingUpstream upstream, Path directory, String credential, String configured)
            throws Exception {
        var issuer = new AuthorizationServer();
        Files.createDirectories(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), RULES);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  shop: {url: "UPSTREAM"CREDENTIAL}
                agents:
                  - {name: coder, client: coder-client, key: {env: CODER}, roles: [developer]}
                  - {name: other, client: other-client}
                hosts:
                  - {name: app, key: {env: APP}, agents: [coder]}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver, admin, auditor]}
                identity:
                  oauth: {issuer: "ISSUER", audience: "https://guardrail.example"}
                """.replace("UPSTREAM", upstream.url())
                .replace("CREDENTIAL", credential.isEmpty() ? "" : ", credential: " + credential)
                .replace("TOKEN_URL", issuer.issuer() + "/token")
                .replace("ISSUER", configured.isEmpty() ? issuer.issuer() : configured));
        return new OAuthGuard(issuer, upstream, Served.in(directory));
    }

    /// Waits until the upstream's tool is known.
    OAuthGuard listed() {
        long end = System.nanoTime() + SOON.toNanos();
        while (!served.get(Served.ANN, "/v1/tools").text().contains("shop.get")) {
            if (System.nanoTime() > end) throw new AssertionError("the tools were never listed");
            Thread.onSpinWait();
        }
        return this;
    }

    Served.Answer initialize(String token) {
        return mcp(token, INITIALIZE, Map.of());
    }

    Served.Answer mcp(String token, String body, Map<String, String> more) {
        var headers = new java.util.HashMap<>(more);
        headers.put("Accept", "application/json, text/event-stream");
        headers.put("Content-Type", "application/json");
        return served.send(token, "POST", "/mcp/shop", body, headers);
    }

    /// Runs `shop.get` by the guard.
    Served.Answer call(String token) {
        return served.post(token, "/v1/calls", "{\"tool\":\"shop.get\",\"arguments\":{},\"run\":\"guard\"}");
    }

    /// Runs `shop.get` over MCP, in a session of its own.
    Served.Answer callOverMcp(String token) {
        String session = initialize(token).headers().get("mcp-session-id");
        return mcp(
                token,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get\",\"arguments\":{}}}",
                Map.of("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25"));
    }

    /// Asks a server of the second era over MCP.
    ///
    /// @param members of `params`, beside `_meta`
    Served.Answer modern(String token, String method, String members, Map<String, String> mirrored) {
        var headers = new java.util.HashMap<>(mirrored);
        headers.put("MCP-Protocol-Version", "2026-07-28");
        headers.put("Mcp-Method", method);
        return mcp(
                token,
                "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"" + method + "\",\"params\":{" + members
                        + "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                        + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"c\",\"version\":\"1\"},"
                        + "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
                headers);
    }

    @Override
    public void close() throws IOException {
        served.close();
        upstream.close();
        issuer.close();
    }
}
