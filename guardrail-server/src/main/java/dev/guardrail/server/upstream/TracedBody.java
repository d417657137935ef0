package dev.guardrail.server.upstream;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;

/// The body of a POST that knows whether any of it may have left. The client asks for a body only once it is
/// connected and has sent the headers; a body that was never asked for was never received, so nothing can have
/// run.
final class TracedBody implements BodyPublisher {
    private final BodyPublisher bytes;
    private final AtomicReference<State> state = new AtomicReference<>(State.HERE);

    private enum State {
        HERE,
        LEAVING,
        WITHDRAWN
    }

    TracedBody(byte[] json) {
        this.bytes = BodyPublishers.ofByteArray(json);
    }

    @Override
    public long contentLength() {
        return bytes.contentLength();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        if (state.compareAndSet(State.HERE, State.LEAVING)) {
            bytes.subscribe(subscriber);
            return;
        }
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {}

            @Override
            public void cancel() {}
        });
        // A second asking (the client's own repetition) is refused as well: one POST is sent once.
        subscriber.onError(new IOException("the request was withdrawn, or left before"));
    }

    /// @return true where nothing of it has left, and now never will
    boolean withdraw() {
        return state.compareAndSet(State.HERE, State.WITHDRAWN) || state.get() == State.WITHDRAWN;
    }

    /// The server refused the request for its credential, unread: it may be sent once more.
    void returned() {
        state.compareAndSet(State.LEAVING, State.HERE);
    }

    Wire.Fault fault() {
        return state.get() == State.LEAVING ? Wire.Fault.BROKEN : Wire.Fault.UNSENT;
    }
}
