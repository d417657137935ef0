package dev.guardrail.server.bridge;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.server.upstream.ResponseKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// The guard's door to one server, over HTTP. Redirects are not followed: the credential goes nowhere else.
///
/// @param door such as `http://127.0.0.1:7457/mcp/files`
/// @param key the agent's credential; it appears in no message
record DoorClient(HttpClient http, URI door, String key) {
    static final String VERSION = "MCP-Protocol-Version";

    static DoorClient of(URI guard, String server, String key) {
        var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5));
        if ("http".equalsIgnoreCase(guard.getScheme())) http.sslContext(trustingNobody());
        String segment = URLEncoder.encode(server, StandardCharsets.UTF_8).replace("+", "%20");
        return new DoorClient(http.build(), guard.resolve("/mcp/" + segment), key);
    }

    /// Where no TLS is spoken, none need be made ready: reading the roots that are trusted is a sixth of the start.
    private static SSLContext trustingNobody() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has TLS", impossible);
        }
    }

    HttpRequest.Builder post(JsonObject message) {
        return request()
                .header("Accept", ResponseKind.JSON + ", " + ResponseKind.EVENTS)
                .header("Content-Type", ResponseKind.JSON)
                .POST(HttpRequest.BodyPublishers.ofByteArray(JsonWriter.bytes(message)));
    }

    HttpRequest.Builder listen() {
        return request().header("Accept", ResponseKind.EVENTS).GET();
    }

    HttpRequest.Builder end() {
        return request().DELETE();
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(door).header("Authorization", "Bearer " + key);
    }

    /// An interrupt closes the stream, also where it comes when the answer has just begun: the client drops such an
    /// answer and leaves its connection open.
    HttpResponse<InputStream> send(HttpRequest request) throws IOException, InterruptedException {
        BodySubscriber<InputStream> body = BodySubscribers.ofInputStream();
        try {
            return http.send(request, head -> body);
        } catch (InterruptedException stopped) {
            // It is complete from the start, and closed it takes nothing of an answer that comes later.
            body.getBody().toCompletableFuture().join().close();
            throw stopped;
        }
    }

    /// Whether a header carries the text unchanged (RFC 9110, section 5.5).
    static boolean carries(String text) {
        return text.equals(text.strip()) && text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /// Closes every stream; nothing can be sent any more.
    void close() throws InterruptedException {
        http.shutdownNow();
        // Its thread would hold up the end of the process for longer.
        http.awaitTermination(Duration.ofMillis(200));
    }
}
