package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One request and its answer: plain JSON where it comes soon, else a stream of events, opened as soon as somebody
/// has
/// to wait, because only a client whose response has begun can be seen to leave.
final class Exchange {
    private final CompletableFuture<HttpResponse<?>> response = new CompletableFuture<>();
    private final CompletableFuture<String> left = new CompletableFuture<>();
    private final Accepts accepts;
    private final Pulse pulse;
    private final Duration beat;
    private @Nullable EventStream stream;
    private @Nullable String session;
    private boolean answered;
    private volatile boolean takenBack;

    Exchange(Accepts accepts, Pulse pulse, Duration beat) {
        this.accepts = accepts;
        this.pulse = pulse;
        this.beat = beat;
    }

    /// Completes when there is something to send: all of it, or the beginning of a stream.
    CompletableFuture<HttpResponse<?>> response() {
        return response;
    }

    /// Completes when the client cancels or disconnects before it was answered.
    CompletableFuture<String> left() {
        return left;
    }

    boolean hasLeft() {
        return takenBack || left.isDone();
    }

    /// Begins a stream where the client takes one and has no answer yet.
    ///
    /// @return true where a stream is open now
    boolean open() {
        EventStream opened;
        synchronized (this) {
            if (answered || !accepts.events()) return false;
            if (stream != null) return true;
            opened = new EventStream(pulse, beat);
            stream = opened;
        }
        opened.gone().thenAccept(left::complete);
        respond(opened.response());
        return true;
    }

    /// Sends a notification on the way, where the client takes a stream.
    void tell(JsonObject notification) {
        if (!open()) return;
        EventStream open;
        synchronized (this) {
            open = answered ? null : stream;
        }
        if (open != null) open.offer(notification);
    }

    /// Answers; only the first answer counts.
    void answer(JsonObject message) {
        answer(HttpStatus.OK.getCode(), message);
    }

    /// Answers with a status where the response has not begun.
    void answer(int status, JsonObject message) {
        if (!accepts.json() && status == HttpStatus.OK.getCode()) open();
        EventStream open;
        synchronized (this) {
            if (answered) return;
            answered = true;
            open = stream;
        }
        if (open != null) open.last(message);
        else respond(json(status, message));
    }

    /// Answers what wants no answer: taken.
    void accepted() {
        EventStream open;
        synchronized (this) {
            if (answered) return;
            answered = true;
            open = stream;
        }
        if (open != null) open.close();
        else respond(HttpResponse.accepted());
    }

    /// The client takes its request back: it hears nothing more of it (MCP 2025-11-25, cancellation).
    void takeBack(String reason) {
        // First, so that whoever is woken by it finds nothing left to answer.
        takenBack = true;
        accepted();
        left.complete(reason);
    }

    /// Names the session in the response, whichever form it takes.
    synchronized void inSession(String id) {
        session = id;
    }

    private void respond(MutableHttpResponse<?> whole) {
        String named;
        synchronized (this) {
            named = session;
        }
        response.complete(named == null ? whole : whole.header(McpDoor.SESSION, named));
    }

    static MutableHttpResponse<byte[]> json(int status, JsonObject message) {
        return HttpResponse.<byte[]>status(status, HttpStatus.getDefaultReason(status))
                .body(JsonWriter.bytes(message))
                .contentType(MediaType.APPLICATION_JSON_TYPE);
    }
}
