package dev.guardrail.server.console;

import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Sinks;

/// An open page's stream of events (HTML standard, section 9.2).
final class Stream {
    /// Events that may wait for a browser that reads slowly.
    private static final int MOST_WAITING = 64;

    private static final byte[] SIGN_OF_LIFE = ":\n\n".getBytes(StandardCharsets.UTF_8);

    private final Visit visit;
    private final HttpParameters query;
    private final Sinks.Many<byte[]> sink = Sinks.many().unicast().onBackpressureBuffer();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Map<String, String> sent = new HashMap<>();
    private volatile boolean gone;

    Stream(Visit visit, HttpParameters query) {
        this.visit = visit;
        this.query = query;
        emit(SIGN_OF_LIFE);
    }

    Visit visit() {
        return visit;
    }

    HttpParameters query() {
        return query;
    }

    MutableHttpResponse<Publisher<byte[]>> response() {
        Publisher<byte[]> body =
                sink.asFlux().doOnNext(event -> waiting.decrementAndGet()).doOnCancel(() -> gone = true);
        return HttpResponse.ok(body)
                .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
                .header("Cache-Control", "no-store")
                .header("X-Accel-Buffering", "no");
    }

    boolean isGone() {
        return gone;
    }

    /// Sends what is there, unless the same was sent last.
    void sendIfNew(String name, String signature, java.util.function.Supplier<byte[]> event) {
        if (signature.equals(sent.put(name, signature))) return;
        emit(event.get());
    }

    void beat() {
        emit(SIGN_OF_LIFE);
    }

    /// The visit is over; the browser asks again, and comes to where one signs in.
    void over() {
        emit(event("over", "over"));
        end();
    }

    void end() {
        gone = true;
        sink.tryEmitComplete();
    }

    private void emit(byte[] bytes) {
        if (waiting.incrementAndGet() > MOST_WAITING || sink.tryEmitNext(bytes).isFailure()) end();
    }

    /// @param data several lines are several fields
    static byte[] event(String name, String data) {
        var text = new StringBuilder("event: ").append(name).append('\n');
        data.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }
}
