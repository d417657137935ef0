package dev.guardrail.server.upstream;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Lease;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Overlay;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Relayed;
import dev.guardrail.server.relay.Way;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Upstreams under test, with a catalogue in memory and calls on it as the guard makes them.
final class Fixture implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(20);

    private final Journal journal;
    final Pins pins;
    final Upstreams upstreams;
    volatile boolean idempotent;

    Fixture(Map<String, Endpoint> endpoints, Bounds bounds) {
        var random = new SecureRandom();
        journal = new Journal(
                new MemoryStore(),
                new AesSeal(new byte[AesSeal.KEY_BYTES], random),
                InstantSource.fixed(Calls.NOON),
                System::nanoTime);
        var words = Overlay.Attributes.UNKNOWN;
        pins = new Pins(
                journal,
                (tool, definition) -> new Overlay.Attributes(
                        Optional.empty(), words.effect(), Set.of(), Set.of(), idempotent, false));
        upstreams = new Upstreams(endpoints, List.of(), bounds, pins::seen, System::nanoTime, random);
    }

    /// Lists a server; nothing is wrong with it.
    Fixture listed(String server) {
        upstreams.refresh(server, SOON).ifPresent(wrong -> {
            throw new AssertionError(wrong);
        });
        return this;
    }

    ToolDefinition tool(String name) {
        return pins.find(ToolName.parse(name)).orElseThrow(() -> new AssertionError("not pinned: " + name));
    }

    Outcome call(String tool, JsonObject arguments, Attendance attendance) {
        return call(tool(tool), arguments, attendance);
    }

    Outcome call(ToolDefinition tool, JsonObject arguments, Attendance attendance) {
        var request = Calls.request(tool, Calls.CODER, arguments);
        return upstreams.run(lease(request), request, attendance);
    }

    Outcome call(String tool) {
        return call(tool, JsonObject.EMPTY, Attendance.silent(SOON));
    }

    private Lease lease(DecisionRequest request) {
        try {
            return journal.intend(new Draft(), new CallId("call_1"), request.fingerprint(), SOON);
        } catch (StoreConflict impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// A client with a connection of its own.
    static Attendance of(String connection) {
        return attendance(connection, JsonObject.EMPTY, Line.nobody());
    }

    private static Attendance attendance(String connection, JsonObject params, Line line) {
        var relayed = new Relayed(new Way.Session(connection), params, Map.of(), line);
        return new Attendance(Optional.of(relayed), SOON, new CompletableFuture<>());
    }

    static Attendance within(Duration timeout) {
        return Attendance.silent(timeout);
    }

    /// A client that leaves.
    static Attendance leaving(CompletableFuture<String> left) {
        return new Attendance(Optional.empty(), SOON, left);
    }

    /// A client that wants progress of a call, under a token of its own.
    static Attendance watching(String tool, List<JsonObject> told) {
        var meta = JsonObject.with("progressToken", "mine").build();
        var params = JsonObject.with("name", tool).with("_meta", meta).build();
        return attendance("watching", params, new Line() {
            @Override
            public void say(JsonObject notification, boolean numbered) {
                told.add(notification);
            }

            @Override
            public Consumer<String> ask(String method, JsonObject asked, boolean numbered, Consumer<Answer> answer) {
                return Line.nobody().ask(method, asked, numbered, answer);
            }
        });
    }

    /// What progress says, once its token is taken off, which is the request's own id.
    static List<String> progress(List<JsonObject> told) {
        return told.stream()
                .map(notification -> {
                    var params = notification.object("params").orElseThrow();
                    String token = params.text("progressToken").orElseThrow();
                    if (!token.startsWith("g")) throw new AssertionError("not an id of ours: " + token);
                    return notification.text("method").orElseThrow() + " " + params.without("progressToken");
                })
                .toList();
    }

    static <T> List<T> log() {
        return new CopyOnWriteArrayList<>();
    }

    /// Text of the first content of a result.
    static String text(Outcome outcome) {
        if (outcome instanceof Outcome.Answered(Json result, boolean ok))
            return ((JsonObject) result)
                    .array("content")
                    .flatMap(content -> content.objects().getFirst().text("text"))
                    .orElseThrow();
        throw new AssertionError("not answered: " + outcome);
    }

    /// Waits until something is so.
    static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("it did not come to be");
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        upstreams.close();
    }
}
