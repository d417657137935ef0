package dev.guardrail.server.eras;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A client at the guard's MCP door, without any MCP library.
final class Client implements AutoCloseable {
    private static final String HELLO = "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":"
            + "{\"sampling\":{},\"roots\":{\"listChanged\":true},\"elicitation\":{}},"
            + "\"clientInfo\":{\"name\":\"bare\",\"version\":\"9\",\"x\":1.0}}";

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI url;
    private final String key;
    private String session = "";
    private JsonObject greeting = JsonObject.EMPTY;

    private Client(Served guard, String key, String server) {
        this.url = URI.create(guard.sidecar.url() + "/mcp/" + server);
        this.key = key;
    }

    /// One of the first era, greeted.
    static Client legacy(Served guard, String key, String server) {
        return greeted(new Client(guard, key, server), HELLO);
    }

    /// One of the first era that declares these capabilities.
    static Client legacy(Served guard, String key, String server, String capabilities) {
        String hello = "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":" + capabilities
                + ",\"clientInfo\":{\"name\":\"bare\",\"version\":\"9\"}}";
        return greeted(new Client(guard, key, server), hello);
    }

    private static Client greeted(Client client, String params) {
        var hello = client.post(request(0, "initialize", params));
        client.session = hello.header("Mcp-Session-Id");
        client.greeting = hello.json();
        client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")
                .text();
        return client;
    }

    /// One of the second era.
    static Client modern(Served guard, String key, String server) {
        return new Client(guard, key, server);
    }

    static String hello() {
        return HELLO;
    }

    String session() {
        return session;
    }

    JsonObject greeting() {
        return greeting;
    }

    /// Takes the session of another.
    Client in(String other) {
        session = other;
        return this;
    }

    static String request(Object id, String method, String params) {
        String written = id instanceof String ? "\"" + id + "\"" : String.valueOf(id);
        return "{\"jsonrpc\":\"2.0\",\"id\":" + written + ",\"method\":\"" + method + "\",\"params\":" + params + "}";
    }

    static String call(Object id, String tool, String more) {
        return request(id, "tools/call", "{\"name\":\"" + tool + "\",\"arguments\":{}" + more + "}");
    }

    /// A request of the second era, with the headers that its params want.
    ///
    /// @param capabilities that the client declares
    /// @param params beginning with a comma where there are any
    Stream ask(Object id, String method, String capabilities, String params, Map<String, String> more) {
        String meta = "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"bare\",\"version\":\"9\"},"
                + "\"io.modelcontextprotocol/clientCapabilities\":" + capabilities + "}" + params + "}";
        var headers = new java.util.HashMap<>(Map.of("MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method));
        var parsed = PlayedServer.parse(meta);
        parsed.text("name").or(() -> parsed.text("uri")).ifPresent(name -> headers.put("Mcp-Name", name));
        headers.putAll(more);
        return send("POST", request(id, method, meta), headers);
    }

    Stream ask(Object id, String method, String params) {
        return ask(id, method, "{}", params, Map.of());
    }

    Stream post(String body) {
        return send("POST", body, Map.of());
    }

    /// Asks within the session and takes the whole answer.
    JsonObject answer(String method, String params) {
        return post(request(1, method, params)).json();
    }

    Stream listen(String after) {
        return send("GET", "", after.isEmpty() ? Map.of() : Map.of("Last-Event-ID", after));
    }

    Stream end() {
        return send("DELETE", "", Map.of());
    }

    /// Answers a question of the server's.
    void reply(JsonObject question, String what) {
        post("{\"jsonrpc\":\"2.0\",\"id\":" + question.get("id").orElseThrow() + "," + what + "}")
                .text();
    }

    private Stream send(String verb, String body, Map<String, String> more) {
        var request = HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .header("Accept", verb.equals("GET") ? "text/event-stream" : "application/json, text/event-stream")
                .method(verb, HttpRequest.BodyPublishers.ofString(body));
        if (!session.isEmpty()) request.header("Mcp-Session-Id", session).header("MCP-Protocol-Version", "2025-11-25");
        more.forEach(request::header);
        try {
            return new Stream(http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /// One event of a stream.
    ///
    /// @param id empty where it has none
    record Event(String id, String data) {
        JsonObject json() {
            return PlayedServer.parse(data);
        }
    }

    /// A response whose body may still be on its way.
    static final class Stream implements AutoCloseable {
        private final HttpResponse<InputStream> response;
        private final BufferedReader lines;

        private Stream(HttpResponse<InputStream> response) {
            this.response = response;
            this.lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
        }

        int status() {
            return response.statusCode();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        String text() {
            var text = new StringBuilder();
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) text.append(line);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
            return text.toString();
        }

        /// The answer, whether it comes as JSON or as the last event.
        JsonObject json() {
            if (!header("Content-Type").startsWith("text/event-stream")) return PlayedServer.parse(text());
            return all().getLast().json();
        }

        /// The next event; null at the end.
        @Nullable
        Event next() {
            String id = "";
            String data = null;
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("id: ")) id = line.substring(4);
                    else if (line.startsWith("data:")) data = line.substring(5).strip();
                    else if (line.isEmpty() && data != null) return new Event(id, data);
                }
                return null;
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }

        Event event() {
            var next = next();
            if (next == null) throw new AssertionError("the stream ended");
            return next;
        }

        /// What is left, to the end.
        List<Event> all() {
            var events = new ArrayList<Event>();
            for (var event = next(); event != null; event = next()) events.add(event);
            return events;
        }

        /// Leaves without reading on.
        @Override
        public void close() {
            try {
                response.body().close();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }
}
