package dev.guardrail.server.door.mcp;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Sinks;

/// A response that is still being written: server-sent events (HTML standard, section 9.2) as bytes, and
/// comments as signs of life. A client that leaves is noticed by the next one at the latest.
final class EventStream {
    /// Events that may wait for a client that reads slowly; what can be dropped beyond it, is.
    static final int MAX_WAITING = 64;

    private static final byte[] SIGN_OF_LIFE = ": \n\n".getBytes(StandardCharsets.UTF_8);

    private final Sinks.Many<byte[]> sink = Sinks.many().unicast().onBackpressureBuffer();
    private final AtomicInteger waiting = new AtomicInteger();
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private final Future<?> beats;

    EventStream(Pulse pulse, Duration beat) {
        this.beats = pulse.every(beat, this::beat);
        send(SIGN_OF_LIFE);
    }

    /// The response whose body this is; it may be taken once.
    MutableHttpResponse<Publisher<byte[]>> response() {
        Publisher<byte[]> body =
                sink.asFlux().doOnNext(sent -> waiting.decrementAndGet()).doOnCancel(this::abandon);
        return HttpResponse.ok(body)
                .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("X-Accel-Buffering", "no");
    }

    /// Completes where the client leaves before the stream ends. What is attached to it must not block.
    CompletableFuture<String> gone() {
        return gone;
    }

    /// True where the client does not keep up.
    boolean isBehind() {
        return waiting.get() >= MAX_WAITING;
    }

    synchronized void send(byte[] event) {
        waiting.incrementAndGet();
        if (sink.tryEmitNext(event).isFailure()) waiting.decrementAndGet();
    }

    synchronized void close() {
        beats.cancel(false);
        sink.tryEmitComplete();
    }

    private void beat() {
        if (isBehind()) abandon(); // nobody has read anything for so many beats
        else send(SIGN_OF_LIFE);
    }

    private void abandon() {
        close();
        gone.complete("the client disconnected");
    }
}
