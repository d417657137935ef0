package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.server.relay.Era;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One request and its answer: plain JSON where it comes soon, else a stream of events, opened as soon as somebody
/// has to wait, because only a client whose response has begun can be seen to leave.
final class Exchange {
    private final CompletableFuture<HttpResponse<?>> response = new CompletableFuture<>();
    private final CompletableFuture<String> left = new CompletableFuture<>();
    private final CompletableFuture<String> cancelled = new CompletableFuture<>();
    private final Accepts accepts;
    private final Pulse pulse;
    private final Duration beat;
    private volatile Era era = Era.LEGACY;
    private final Channel channel;
    private volatile Consumer<Fault> refusals = fault -> {};
    private boolean opened;
    private int status = HttpStatus.OK.getCode();
    private @Nullable String session;
    private boolean answered;
    private volatile boolean takenBack;

    /// @param channel on which the client hears what comes before the answer
    Exchange(Accepts accepts, Pulse pulse, Duration beat, Channel channel) {
        this.accepts = accepts;
        this.pulse = pulse;
        this.beat = beat;
        this.channel = channel;
    }

    /// Says that the request belongs to the second era.
    void modern() {
        era = Era.MODERN;
        channel.forget();
    }

    /// Names who hears why the request is refused.
    void refusedTo(Consumer<Fault> hearer) {
        refusals = hearer;
    }

    /// Says why the request is refused, before its sender is answered.
    void refused(Fault fault) {
        refusals.accept(fault);
    }

    Channel channel() {
        return channel;
    }

    /// Completes when there is something to send: all of it, or the beginning of a stream.
    CompletableFuture<HttpResponse<?>> response() {
        return response;
    }

    /// Completes when the client cancels, or disconnects for good, before it was answered.
    CompletableFuture<String> left() {
        return left;
    }

    /// Completes when the client takes back what already runs: by a word in the first era, by leaving in the second.
    CompletableFuture<String> cancelled() {
        return era == Era.MODERN ? left : cancelled;
    }

    boolean takesEvents() {
        return accepts.events();
    }

    boolean hasLeft() {
        return takenBack || left.isDone();
    }

    /// Begins a stream where the client takes one and has no answer yet.
    ///
    /// @return true where a stream is open now, or was and can be resumed
    boolean open() {
        EventStream stream;
        synchronized (this) {
            if (answered || !accepts.events()) return false;
            if (opened) return channel.isHeard();
            opened = true;
            stream = new EventStream(pulse, beat);
            channel.attach(stream);
        }
        stream.gone().thenAccept(reason -> gone(stream, reason));
        respond(stream.response());
        return true;
    }

    /// A client whose events had numbers may come back for the rest; any other has left.
    void gone(EventStream stream, String reason) {
        channel.detach(stream);
        if (era == Era.MODERN || !channel.isNumbering()) left.complete(reason);
    }

    /// Says something on the way, where the client takes a stream.
    ///
    /// @return true where it is heard
    boolean tell(JsonObject message, boolean numbered) {
        if (!open()) return false;
        synchronized (this) {
            if (answered) return false;
        }
        channel.say(message, numbered);
        return true;
    }

    /// The status of an error, where the response has not begun.
    synchronized void status(int http) {
        status = http;
    }

    /// Answers with the status that was set, or 200; only the first answer counts.
    void answer(JsonObject message) {
        int http;
        synchronized (this) {
            http = status;
        }
        answer(http, message);
    }

    /// Answers with a status where the response has not begun.
    void answer(int http, JsonObject message) {
        if (!accepts.json() && http == HttpStatus.OK.getCode()) open();
        boolean streaming;
        synchronized (this) {
            if (answered) return;
            answered = true;
            streaming = opened;
        }
        if (streaming) channel.end(message);
        else respond(json(http, message));
    }

    /// Answers what wants no answer: taken.
    void accepted() {
        boolean streaming;
        synchronized (this) {
            if (answered) return;
            answered = true;
            streaming = opened;
        }
        if (streaming) channel.end(null);
        else respond(HttpResponse.accepted());
    }

    /// The client takes its request back: it hears nothing more of it (MCP 2025-11-25, cancellation).
    void takeBack(String reason) {
        // First, so that whoever is woken by it finds nothing left to answer.
        takenBack = true;
        accepted();
        cancelled.complete(reason);
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
