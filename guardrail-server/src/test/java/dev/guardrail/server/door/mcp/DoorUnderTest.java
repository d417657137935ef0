package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Caller;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.door.RefusalBook;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The door on a real server on loopback, in front of a [FakeGuard] and a [FakeRelay]; `Authorization: Bearer NAME`
/// speaks for the
/// agent NAME, except that `host` and `operator` speak for those.
final class DoorUnderTest implements AutoCloseable {
    static final String BOTH = "application/json, text/event-stream";

    final FakeGuard guard = new FakeGuard();
    final FakeRelay relay = new FakeRelay(
            () -> guard.tools.stream().map(ToolDefinition::definition).toList());
    final List<String> ended = new ArrayList<>();
    final List<WireRefusal> refused = new CopyOnWriteArrayList<>();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final EmbeddedServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    DoorUnderTest(McpSettings settings) {
        ConnectionEnd end = ended::add;
        server = ApplicationContext.builder()
                .properties(Map.of("micronaut.server.port", -1, "mcp.door.test", true))
                .singletons(
                        guard,
                        relay,
                        settings,
                        new SecureRandom(),
                        (Ticker) System::nanoTime,
                        InstantSource.fixed(FakeGuard.NOON),
                        meters,
                        (RefusalBook) refused::add,
                        end)
                .run(EmbeddedServer.class);
    }

    static McpSettings settings() {
        return McpSettings.shipped(Set.of("files", "other"), "1.2.3")
                .withTimes(
                        Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofMillis(50), Duration.ofMillis(50));
    }

    /// Takes the word of the client for who it is.
    @ServerFilter("/**")
    @Requires(property = "mcp.door.test")
    static final class TrustingFilter {
        @RequestFilter
        void identify(HttpRequest<?> request) {
            request.getHeaders().getAuthorization().ifPresent(header -> {
                if (!header.startsWith("Bearer ")) return;
                String name = header.substring("Bearer ".length());
                var kind = switch (name) {
                    case "host" -> Caller.Kind.HOST;
                    case "operator" -> Caller.Kind.OPERATOR;
                    default -> Caller.Kind.AGENT;
                };
                Callers.put(request, new Caller(kind, name, Set.of(), Set.of(), Set.of(), Optional.empty()));
            });
        }
    }

    URI uri(String path) {
        return URI.create("http://localhost:" + server.getPort() + path);
    }

    McpDoor door() {
        return server.getApplicationContext().getBean(McpDoor.class);
    }

    double count(Fault fault) {
        return server.getApplicationContext()
                .getBean(MeterRegistry.class)
                .get("guardrail.wire.refusals")
                .tag("fault", fault.slug())
                .counter()
                .count();
    }

    /// A request in the making: to `/mcp/files`, by `coder`, who takes JSON and events.
    final class Ask {
        private final java.net.http.HttpRequest.Builder request;

        private Ask(String path) {
            request = java.net.http.HttpRequest.newBuilder(uri(path))
                    .timeout(Duration.ofSeconds(30))
                    .setHeader("Authorization", "Bearer coder")
                    .setHeader("Content-Type", "application/json")
                    .setHeader("Accept", BOTH);
        }

        Ask with(String header, String value) {
            request.setHeader(header, value);
            return this;
        }

        Ask also(String header, String value) {
            request.header(header, value);
            return this;
        }

        Ask in(@Nullable String session) {
            return session == null ? this : with(McpDoor.SESSION, session);
        }

        Answer post(byte[] body) {
            return send(request.POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(body)));
        }

        Answer post(String body) {
            return post(body.getBytes(StandardCharsets.UTF_8));
        }

        Answer put(String body) {
            return send(request.PUT(java.net.http.HttpRequest.BodyPublishers.ofString(body)));
        }

        Answer get() {
            return send(request.GET());
        }

        Answer delete() {
            return send(request.DELETE());
        }

        private Answer send(java.net.http.HttpRequest.Builder built) {
            try {
                return new Answer(client.send(built.build(), HttpResponse.BodyHandlers.ofInputStream()));
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }

    /// A response whose body may still be on its way.
    static final class Answer implements AutoCloseable {
        private final HttpResponse<InputStream> response;

        private Answer(HttpResponse<InputStream> response) {
            this.response = response;
        }

        int status() {
            return response.statusCode();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        boolean streams() {
            return header("Content-Type").startsWith("text/event-stream");
        }

        String body() {
            try {
                return new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }

        JsonObject json() {
            return parse(body());
        }

        /// The messages of a stream that has ended.
        List<JsonObject> events() {
            return body().lines()
                    .filter(line -> line.startsWith("data: "))
                    .map(line -> parse(line.substring("data: ".length())))
                    .toList();
        }

        /// The next message of a stream.
        JsonObject event() {
            while (true) {
                String line = line();
                if (line.startsWith("data: ")) return parse(line.substring("data: ".length()));
            }
        }

        /// The next line of a stream.
        String line() {
            var line = new StringBuilder();
            try {
                for (int next = response.body().read();
                        next != '\n';
                        next = response.body().read()) {
                    if (next < 0) throw new AssertionError("the stream ended");
                    line.append((char) next);
                }
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
            return line.toString();
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

    static JsonObject parse(String text) {
        return StrictJson.parse(text.getBytes(StandardCharsets.UTF_8)) instanceof JsonObject object
                ? object
                : fail("not an object: " + text);
    }

    private static JsonObject fail(String message) {
        throw new AssertionError(message);
    }

    Ask ask() {
        return new Ask("/mcp/files");
    }

    Ask ask(String path) {
        return new Ask(path);
    }

    /// Initializes, and names the session.
    String open() {
        return open("coder");
    }

    String open(String agent) {
        Answer answer = ask().with("Authorization", "Bearer " + agent).post(initialize("2025-11-25"));
        if (answer.status() != 200) throw new AssertionError(answer.status() + " " + answer.body());
        String session = answer.header(McpDoor.SESSION);
        answer.body();
        Answer noted = ask().with("Authorization", "Bearer " + agent)
                .in(session)
                .post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        if (noted.status() != 202) throw new AssertionError(noted.status() + " " + noted.body());
        return session;
    }

    static String initialize(String version) {
        return "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"" + version
                + "\",\"capabilities\":{},\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}}}";
    }

    static String call(Object id, String tool) {
        return call(id, tool, "{}", "");
    }

    /// @param more further params, beginning with a comma where there are any
    static String call(Object id, String tool, String arguments, String more) {
        String written = id instanceof String ? "\"" + id + "\"" : String.valueOf(id);
        return "{\"jsonrpc\":\"2.0\",\"id\":" + written + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":" + arguments + more + "}}";
    }

    static String textOf(JsonObject answer) {
        return answer.object("result")
                .orElseThrow()
                .array("content")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("text")
                .orElseThrow();
    }

    static Json decisionOf(JsonObject answer) {
        return answer.object("result")
                .orElseThrow()
                .object("_meta")
                .orElseThrow()
                .get(ToolAnswer.DECISION)
                .orElseThrow();
    }

    static String fault(JsonObject answer) {
        return answer.object("error")
                .orElseThrow()
                .object("data")
                .orElseThrow()
                .text("fault")
                .orElseThrow();
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.close();
    }
}
