package dev.guardrail.server.upstream;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Hears what a server says unasked, on the stream that a GET opens (MCP 2025-11-25, basic/transports), until it will
/// not be heard. A stream that breaks is resumed.
final class HttpEar {
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;

    /// From here on a status says that the server cannot, not that it will not.
    private static final int SERVER_ERROR = 500;

    private final String server;
    private final HttpClient client;
    private final HttpSession session;
    private final int messageBytes;
    private final Inbox inbox;
    private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    private volatile boolean closed;

    /// Id of the last event; where it is opened again, it goes on after that.
    private volatile String last = "";

    HttpEar(String server, HttpClient client, HttpSession session, int messageBytes, Inbox inbox) {
        this.server = server;
        this.client = client;
        this.session = session;
        this.messageBytes = messageBytes;
        this.inbox = inbox;
    }

    /// Opens it where it is not open.
    void open() {
        var hearing = Thread.ofVirtual().name("guardrail-" + server + "-listen").unstarted(this::hear);
        if (!closed && thread.compareAndSet(null, hearing)) hearing.start();
    }

    /// Hears no more until it is opened again.
    void rest() {
        var hearing = thread.getAndSet(null);
        if (hearing != null) hearing.interrupt();
    }

    void close() {
        closed = true;
        rest();
    }

    private void hear() {
        try {
            listen();
        } finally {
            thread.compareAndSet(Thread.currentThread(), null);
        }
    }

    private void listen() {
        long pause = FIRST_PAUSE_MILLIS;
        while (!closed && thread.get() == Thread.currentThread()) {
            try {
                var response = client.send(session.resumption(last).build(), BodyHandlers.ofInputStream());
                try (var body = response.body()) {
                    if (response.statusCode() >= SERVER_ERROR) throw new IOException("not now");
                    if (!ResponseKind.isEvents(response)) return;
                    var events = new EventReader(body, messageBytes, Long.MAX_VALUE);
                    for (byte[] event = events.next(); event != null; event = events.next()) {
                        if (event.length > 0) inbox.message(event, Inbox.Origin.standing(events.isNumbered()));
                        if (!events.lastId().isEmpty()) last = events.lastId();
                    }
                    pause = events.retryMillis() > 0
                            ? Math.min(events.retryMillis(), LONGEST_PAUSE_MILLIS)
                            : FIRST_PAUSE_MILLIS;
                }
            } catch (IOException | IllegalStateException broken) {
                pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
            } catch (InterruptedException stopped) {
                return;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }
}
