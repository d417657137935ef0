package dev.guardrail.server.oauth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// An authorization server on loopback: metadata, keys, and a token endpoint that knows the grants of a guard.
public final class AuthorizationServer implements AutoCloseable {
    static final String AUDIENCE = "https://guardrail.example";

    private final HttpServer server;
    private final List<RSAKey> keys = new CopyOnWriteArrayList<>();
    private final List<Map<String, String>> grants = new CopyOnWriteArrayList<>();
    private final List<String> reads = new CopyOnWriteArrayList<>();
    private final AtomicInteger issued = new AtomicInteger();
    private volatile UnaryOperator<JsonObject> metadata = UnaryOperator.identity();
    private volatile Function<Map<String, String>, Answer> tokens = this::issue;

    /// What the token endpoint answers.
    public record Answer(int status, JsonObject body, Map<String, String> headers) {
        public static Answer of(int status, JsonObject body) {
            return new Answer(status, body, Map.of());
        }
    }

    public AuthorizationServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
        keys.add(key("first"));
    }

    public static RSAKey key(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// From here on signs with another key; the old one is withdrawn.
    public void rotate(String id) {
        keys.add(0, key(id));
        keys.removeLast();
    }

    public RSAKey key() {
        return keys.getFirst();
    }

    public void metadata(UnaryOperator<JsonObject> change) {
        metadata = change;
    }

    public void tokens(Function<Map<String, String>, Answer> answers) {
        tokens = answers;
    }

    /// Forms that the token endpoint was sent, with the client's `Authorization` under that name.
    public List<Map<String, String>> grants() {
        return List.copyOf(grants);
    }

    /// Paths that were read, in order.
    public List<String> reads() {
        return List.copyOf(reads);
    }

    /// A token as the guard takes it: of client `coder-client`, for user `alice`, with both scopes.
    public JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(issuer())
                .audience(AUDIENCE)
                .subject("alice")
                .claim("client_id", "coder-client")
                .claim("scope", "mcp:tools guardrail:calls")
                .issueTime(new Date())
                .jwtID("t" + issued.incrementAndGet())
                .expirationTime(Date.from(Instant.now().plusSeconds(300)));
    }

    public String token(UnaryOperator<JWTClaimsSet.Builder> change) {
        return signed(change.apply(claims()).build(), key());
    }

    public String token() {
        return token(UnaryOperator.identity());
    }

    public static String signed(JWTClaimsSet claims, RSAKey key) {
        try {
            var header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID(key.getKeyID())
                    .type(new JOSEObjectType("at+jwt"))
                    .build();
            return signed(header, claims, new RSASSASigner(key));
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    public static String signed(JWSHeader header, JWTClaimsSet claims, JWSSigner signer) {
        try {
            var jwt = new SignedJWT(header, claims);
            jwt.sign(signer);
            return jwt.serialize();
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            reads.add(path);
            switch (path) {
                case "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration" ->
                    answer(exchange, Answer.of(200, described()));
                case "/jwks" ->
                    answer(exchange, Answer.of(200, (JsonObject) StrictJson.parse(
                            new JWKSet(new ArrayList<>(keys)).toString(true).getBytes(UTF_8))));
                case "/token" -> {
                    var form = form(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                    form.put("Authorization", exchange.getRequestHeaders().getFirst("Authorization"));
                    grants.add(form);
                    answer(exchange, tokens.apply(form));
                }
                default -> exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private JsonObject described() {
        return metadata.apply(JsonObject.with("issuer", issuer())
                .with("jwks_uri", issuer() + "/jwks")
                .with("token_endpoint", issuer() + "/token")
                .with("authorization_endpoint", issuer() + "/authorize")
                .with("end_session_endpoint", issuer() + "/leave")
                .with("response_types_supported", JsonArray.ofTexts(List.of("code")))
                .build());
    }

    /// Opaque tokens, each another one.
    private Answer issue(Map<String, String> form) {
        boolean exchange = form.getOrDefault("grant_type", "").endsWith("token-exchange");
        return token((exchange ? "exchanged-" : "own-") + "opaque-token-" + issued.incrementAndGet(), 300);
    }

    static Answer token(String token, long seconds) {
        return Answer.of(
                200,
                JsonObject.with("access_token", token)
                        .with("token_type", "Bearer")
                        .with("issued_token_type", "urn:ietf:params:oauth:token-type:access_token")
                        .with("expires_in", seconds)
                        .build());
    }

    static Answer refusal(String error) {
        return Answer.of(400, JsonObject.with("error", error).build());
    }

    private static Map<String, String> form(String text) {
        var form = new HashMap<String, String>();
        for (String field : text.split("&")) {
            String[] parts = field.split("=", 2);
            if (parts.length == 2) form.put(URLDecoder.decode(parts[0], UTF_8), URLDecoder.decode(parts[1], UTF_8));
        }
        return form;
    }

    private static void answer(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = JsonWriter.bytes(answer.body());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
