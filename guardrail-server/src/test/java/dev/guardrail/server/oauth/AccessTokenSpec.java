package dev.guardrail.server.oauth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import dev.guardrail.base.JsonArray;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which access tokens open the guard, and what those are told whose do not.
class AccessTokenSpec {
    private static Path directory;
    private static OAuthGuard guard;

    @BeforeAll
    static void serve(@TempDir Path place) throws Exception {
        directory = place;
        guard = OAuthGuard.in(directory, "").listed();
    }

    @AfterAll
    static void stop() throws Exception {
        guard.close();
    }

    private static String challenge(Served.Answer answer) {
        return answer.headers().getOrDefault("www-authenticate", "");
    }

    private String with(UnaryOperator<JWTClaimsSet.Builder> change) {
        return guard.issuer.token(change);
    }

    private void refused(String token, String why) {
        for (var answer : List.of(guard.initialize(token), guard.call(token))) {
            assertEquals(401, answer.status(), why);
            assertTrue(challenge(answer).contains("error=\"invalid_token\""), challenge(answer));
            assertTrue(challenge(answer).contains(why), challenge(answer));
        }
        works();
    }

    /// The positive control of every refusal here.
    private void works() {
        String token = guard.issuer.token();
        assertEquals(200, guard.initialize(token).status());
        assertEquals("succeeded", guard.call(token).text("state"));
    }

    @Test
    void a_good_token_opens_both_doors_and_keys_work_beside_it() {
        works();
        assertTrue(guard.callOverMcp(guard.issuer.token()).text().contains("you came with null"));
        assertEquals("succeeded", guard.call(Served.CODER).text("state"));
        assertEquals(200, guard.initialize(Served.CODER).status());
    }

    @Test
    void nobody_is_told_where_to_get_a_token() {
        var mcp = guard.initialize("");
        assertEquals(401, mcp.status());
        assertEquals(
                "Bearer realm=\"guardrail\", resource_metadata="
                        + "\"https://guardrail.example/.well-known/oauth-protected-resource/mcp/shop\","
                        + " scope=\"mcp:tools\"",
                challenge(mcp));
        assertTrue(challenge(guard.call(""))
                .contains("resource_metadata=\"https://guardrail.example/.well-known/oauth-protected-resource\""));
    }

    @Test
    void the_metadata_names_the_guard_and_each_of_its_doors() {
        var whole = guard.served.get("", "/.well-known/oauth-protected-resource");
        assertEquals(200, whole.status());
        assertEquals("https://guardrail.example", whole.text("resource"));
        assertEquals(JsonArray.ofTexts(List.of(guard.issuer.issuer())), whole.get("authorization_servers"));
        assertEquals(JsonArray.ofTexts(List.of("header")), whole.get("bearer_methods_supported"));
        assertEquals(JsonArray.ofTexts(List.of("mcp:tools", "guardrail:calls")), whole.get("scopes_supported"));

        var door = guard.served.get("", "/.well-known/oauth-protected-resource/mcp/shop");
        assertEquals("https://guardrail.example/mcp/shop", door.text("resource"));
        assertEquals(JsonArray.ofTexts(List.of("mcp:tools")), door.get("scopes_supported"));
        assertEquals(
                200,
                guard.served
                        .get("", "/.well-known/oauth-protected-resource/mcp/unknown")
                        .status());
        assertEquals(
                404,
                guard.served
                        .get("", "/.well-known/oauth-protected-resource/mcp/Un%22known")
                        .status());
    }

    @Test
    void a_token_for_another_audience_is_refused() {
        for (Object audience : List.<Object>of(
                "https://other.example",
                "https://guardrail.example/",
                "HTTPS://guardrail.example",
                "https://guardrail.example.evil.example",
                "guardrail.example",
                "",
                List.of(),
                List.of("https://other.example", "https://another.example")))
            refused(with(claims -> claims.claim("aud", audience)), "another audience");
        refused(with(claims -> claims.audience((String) null)), "another audience");
        assertEquals(
                200,
                guard.initialize(with(claims ->
                                claims.audience(List.of("https://other.example", AuthorizationServer.AUDIENCE))))
                        .status(),
                "one of its audiences");
    }

    @Test
    void a_token_for_one_door_opens_that_door_alone() {
        String token = with(claims -> claims.audience("https://guardrail.example/mcp/shop"));
        assertEquals(200, guard.initialize(token).status());
        for (var answer : List.of(
                guard.call(token),
                guard.served.send(token, "POST", "/mcp/shop2", "{}", Map.of()),
                guard.served.get(token, "/v1/tools"),
                guard.initialize(with(claims -> claims.audience("https://guardrail.example/mcp/shop2")))))
            assertEquals(401, answer.status());
    }

    @Test
    void times_are_looked_at() {
        Instant now = Instant.now();
        refused(with(claims -> claims.expirationTime(Date.from(now.minusSeconds(120)))), "expired");
        refused(with(claims -> claims.expirationTime(null)), "does not say when it ends");
        refused(with(claims -> claims.notBeforeTime(Date.from(now.plusSeconds(600)))), "not good yet");
        refused(with(claims -> claims.issueTime(Date.from(now.plusSeconds(600)))), "not good yet");
        refused(with(claims -> claims.claim("nbf", "soon")), "not good yet");
        refused(with(claims -> claims.claim("exp", "never")), "does not say when it ends");
        refused(with(claims -> claims.claim("exp", -1)), "does not say when it ends");
        String skewed = with(claims -> claims.expirationTime(Date.from(now.minusSeconds(5))));
        assertEquals(200, guard.initialize(skewed).status(), "clocks differ a little");
    }

    @Test
    void a_token_of_another_issuer_is_refused() {
        refused(with(claims -> claims.issuer("https://id.example")), "another issuer");
        refused(with(claims -> claims.issuer(guard.issuer.issuer() + "/")), "another issuer");
        refused(with(claims -> claims.issuer(null)), "another issuer");
        var foreign = AuthorizationServer.key("first");
        refused(AuthorizationServer.signed(guard.issuer.claims().build(), foreign), "not signed by the issuer");
    }

    @Test
    void an_unsigned_token_is_refused() {
        refused(new PlainJWT(guard.issuer.claims().build()).serialize(), "algorithm");
        String[] parts = guard.issuer.token().split("\\.");
        refused(parts[0] + "." + parts[1] + ".", "malformed");
        String none = Base64.getUrlEncoder().withoutPadding().encodeToString("{\"alg\":\"nOnE\"}".getBytes(UTF_8));
        refused(none + "." + parts[1] + "." + parts[2], "algorithm");
    }

    @Test
    void the_public_key_is_no_shared_secret() throws Exception {
        var key = guard.issuer.key();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(UTF_8))
                        .encodeToString(key.toRSAPublicKey().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
        for (byte[] secret : List.of(
                key.toRSAPublicKey().getEncoded(),
                pem.getBytes(UTF_8),
                key.toPublicJWK().toString().getBytes(UTF_8),
                key.getModulus().decode()))
            refused(
                    AuthorizationServer.signed(
                            new JWSHeader.Builder(JWSAlgorithm.HS256)
                                    .keyID(key.getKeyID())
                                    .build(),
                            guard.issuer.claims().build(),
                            new MACSigner(secret)),
                    "algorithm");
    }

    @Test
    void a_token_does_not_bring_its_own_key() throws Exception {
        var own = AuthorizationServer.key("mine");
        refused(
                AuthorizationServer.signed(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .jwk(own.toPublicJWK())
                                .build(),
                        guard.issuer.claims().build(),
                        new RSASSASigner(own)),
                "not signed by the issuer");
        refused(
                AuthorizationServer.signed(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID(guard.issuer.key().getKeyID())
                                .criticalParams(java.util.Set.of("exp"))
                                .build(),
                        guard.issuer.claims().build(),
                        new RSASSASigner(guard.issuer.key())),
                "not understood");
        refused(
                AuthorizationServer.signed(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID(guard.issuer.key().getKeyID())
                                .type(new com.nimbusds.jose.JOSEObjectType("logout+jwt"))
                                .build(),
                        guard.issuer.claims().build(),
                        new RSASSASigner(guard.issuer.key())),
                "another kind");
    }

    @Test
    void a_changed_token_is_refused() {
        String[] parts = guard.issuer.token().split("\\.");
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8);
        String changed = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims.replace("alice", "admin").getBytes(UTF_8));
        refused(parts[0] + "." + changed + "." + parts[2], "not signed by the issuer");
        String twice = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"RS256\",\"alg\":\"none\"}".getBytes(UTF_8));
        refused(twice + "." + parts[1] + "." + parts[2], "malformed");
    }

    @Test
    void a_token_that_needs_a_proof_is_no_bearer_token() {
        refused(with(claims -> claims.claim("cnf", Map.of("jkt", "thumbprint"))), "bound to a key");
    }

    @Test
    void a_scope_is_needed_for_each_door() {
        String calls = with(claims -> claims.claim("scope", "guardrail:calls"));
        var refused = guard.initialize(calls);
        assertEquals(403, refused.status());
        assertTrue(
                challenge(refused).contains("error=\"insufficient_scope\"")
                        && challenge(refused).contains("scope=\"mcp:tools\"")
                        && challenge(refused).contains("resource_metadata="),
                challenge(refused));
        assertEquals("succeeded", guard.call(calls).text("state"));

        String tools = with(claims -> claims.claim("scope", null).claim("scp", List.of("mcp:tools")));
        assertEquals(200, guard.initialize(tools).status());
        assertEquals(403, guard.call(tools).status());
        assertTrue(challenge(guard.call(tools)).contains("scope=\"guardrail:calls\""));

        assertEquals(
                403,
                guard.initialize(with(claims -> claims.claim("scope", null))).status());
        assertEquals(
                403,
                guard.initialize(with(claims -> claims.claim("scope", "mcp:tools2 MCP:TOOLS")))
                        .status());
    }

    @Test
    void the_client_decides_which_agent_it_is_and_nothing_else() {
        assertEquals("coder", agentOf(guard.issuer.token()));
        assertEquals("other", agentOf(with(claims -> claims.claim("client_id", "other-client"))));
        assertEquals(
                "other", agentOf(with(claims -> claims.claim("client_id", null).claim("azp", "other-client"))));
        String wishful = with(claims -> claims.claim("client_id", "other-client")
                .claim("agent", "coder")
                .claim("roles", List.of("developer"))
                .claim("name", "coder"));
        assertEquals("other", agentOf(wishful));

        for (String stranger : List.of("coder", "unknown", "CODER-CLIENT", "coder-client "))
            assertEquals(
                    403,
                    guard.call(with(claims -> claims.claim("client_id", stranger)))
                            .status(),
                    stranger);
        refused(with(claims -> claims.claim("azp", "other-client")), "whose it is");
        refused(with(claims -> claims.claim("client_id", null)), "whose it is");
        refused(with(claims -> claims.subject(null)), "whose it is");
    }

    @Test
    void the_outermost_actor_decides_and_those_within_are_history() {
        String acted = with(claims -> claims.claim("client_id", "coder-client")
                .claim("act", Map.of("sub", "other-client", "act", Map.of("sub", "coder-client"))));
        assertEquals("other", agentOf(acted));
        assertEquals(
                403,
                guard.call(with(claims ->
                                claims.claim("act", Map.of("sub", "stranger", "act", Map.of("sub", "coder-client")))))
                        .status());
        refused(with(claims -> claims.claim("act", "coder-client")), "whose it is");
        refused(with(claims -> claims.claim("act", Map.of("act", Map.of("sub", "coder-client")))), "whose it is");
    }

    private String agentOf(String token) {
        String session = guard.call(token).text("session");
        return guard.served.get(Served.ANN, "/v1/sessions/" + session).text("agent");
    }

    private Optional<String> userOf(String token) {
        String session = guard.call(token).text("session");
        return guard.served.get(Served.ANN, "/v1/sessions/" + session).json().text("user");
    }

    @Test
    void the_subject_is_the_user_whom_policy_sees() {
        assertEquals(Optional.of("alice"), userOf(guard.issuer.token()));
        assertEquals(Optional.empty(), userOf(with(claims -> claims.subject("coder-client"))));
        assertEquals(Optional.empty(), userOf(Served.CODER));

        var denied = guard.call(with(claims -> claims.subject("mallory")));
        assertEquals("denied", denied.text("state"), denied.text());
    }

    @Test
    void users_of_one_agent_share_neither_sessions_nor_calls() {
        String alice = guard.issuer.token();
        String bob = with(claims -> claims.subject("bob"));
        String call = guard.call(alice).text("callId");
        assertEquals(200, guard.served.get(alice, "/v1/calls/" + call).status());
        assertEquals(404, guard.served.get(bob, "/v1/calls/" + call).status());
        assertEquals(404, guard.served.get(Served.CODER, "/v1/calls/" + call).status());

        String session = guard.initialize(alice).headers().get("mcp-session-id");
        String ping = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}";
        var headers = Map.of("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25");
        assertEquals(200, guard.mcp(alice, ping, headers).status());
        assertEquals(
                200, guard.mcp(with(claims -> claims), ping, headers).status(), "a renewed token of the same user");
        assertEquals(404, guard.mcp(bob, ping, headers).status());
    }

    @Test
    void a_token_opens_no_route_of_operators_or_hosts() {
        String token = guard.issuer.token();
        for (String path : List.of("/v1/approvals", "/v1/audit/entries", "/metrics", "/v1/sessions"))
            assertEquals(403, guard.served.get(token, path).status(), path);
        assertEquals(200, guard.served.get(token, "/v1/tools").status());
    }

    @Test
    void the_token_is_neither_sent_on_nor_kept() throws Exception {
        String token = guard.issuer.token();
        int before = guard.upstream.calls().size();
        guard.call(token);
        guard.callOverMcp(token);
        assertEquals(before + 2, guard.upstream.calls().size());
        String signature = token.substring(token.lastIndexOf('.') + 1);
        assertFalse(guard.upstream.heard().toString().contains(signature), "the upstream saw it");
        assertFalse(
                guard.served.get(Served.ANN, "/v1/audit/export").text().contains(signature), "the journal holds it");
        for (Path file : java.nio.file.Files.walk(directory.resolve("data"))
                .filter(java.nio.file.Files::isRegularFile)
                .toList())
            assertFalse(
                    new String(java.nio.file.Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1)
                            .contains(signature),
                    file.toString());
    }

    @Test
    void refusals_are_counted() {
        double before = refusals();
        guard.call(with(claims -> claims.audience("https://other.example")));
        assertEquals(before + 1, refusals());
        guard.call(guard.issuer.token());
        assertEquals(before + 1, refusals(), "a good one is none");
    }

    private double refusals() {
        String name = "guardrail_wire_refusals_total{door=\"http\",fault=\"unauthenticated\"} ";
        return guard.served
                .get(Served.ANN, "/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }
}
