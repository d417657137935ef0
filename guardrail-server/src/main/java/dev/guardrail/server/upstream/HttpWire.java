package dev.guardrail.server.upstream;

import dev.guardrail.base.Printable;
import dev.guardrail.call.InboundToken;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.upstream.LineSplitter.TooLong;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// MCP over Streamable HTTP (2025-11-25, basic/transports): each message a POST of its own, answered by JSON or
/// by a stream of events, which is resumed where the server ends it early. Each POST has a virtual thread.
/// Redirects are not followed, and no header comes from anywhere but here. Long, because what each
/// failure says of a request that may have left is told side by side.
final class HttpWire implements Wire {
    private static final Logger LOG = LoggerFactory.getLogger(HttpWire.class);

    /// Notices and replies to the server under way at a time; more are dropped.
    private static final int ASIDE = 16;

    private static final Duration ASIDE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int REFUSAL_BYTES = 64 * 1024;
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final long STREAM_FACTOR = 8;

    /// How long a stream may go on after its answer; one that ends by then leaves the connection for the next
    /// request.
    private static final Executor LATER = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);

    private final String server;
    private final HttpClient client;
    private final HttpSession session;
    private final Inbox inbox;
    private final HttpEar ear;
    private final int messageBytes;
    private final Map<String, Post> posts = new ConcurrentHashMap<>();
    private final Semaphore aside = new Semaphore(ASIDE);
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean expired;
    private volatile @Nullable Thread farewell;

    HttpWire(String server, Endpoint.Http endpoint, HttpClient client, int messageBytes, Inbox inbox) {
        this.server = server;
        this.client = client;
        this.session = new HttpSession(endpoint);
        this.messageBytes = messageBytes;
        this.inbox = inbox;
        this.ear = new HttpEar(server, client, session, messageBytes, inbox);
    }

    @Override
    public void start() {}

    @Override
    public void send(Parcel parcel) {
        String id = parcel.id();
        if (id == null) {
            sendAside(parcel);
            return;
        }
        if (ended.get()) {
            inbox.failed(id, Fault.UNSENT, "was disconnected");
            return;
        }
        var post = new Post(parcel, id);
        posts.put(id, post);
        post.thread.start();
    }

    private void sendAside(Parcel parcel) {
        if (ended.get() || !aside.tryAcquire()) return;
        Thread.ofVirtual().name("guardrail-" + server + "-aside").start(() -> {
            try {
                var body = HttpRequest.BodyPublishers.ofByteArray(parcel.json());
                var request = session.post(body, parcel).timeout(ASIDE_TIMEOUT).build();
                client.send(request, BodyHandlers.discarding());
            } catch (IOException | IllegalStateException unheard) {
                LOG.debug("server `{}` did not hear a notice: {}", server, Printable.text(unheard.toString()));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } finally {
                aside.release();
            }
        });
    }

    @Override
    public boolean withdraw(String id) {
        var post = posts.get(id);
        return post != null && post.body.withdraw();
    }

    @Override
    public void abandon(String id) {
        var post = posts.remove(id);
        if (post != null) post.thread.interrupt();
    }

    @Override
    public void settle(Duration atMost) throws InterruptedException {
        if (aside.tryAcquire(ASIDE, atMost.toNanos(), TimeUnit.NANOSECONDS)) aside.release(ASIDE);
    }

    @Override
    public void speakFor(Optional<InboundToken> subject) {
        session.speakFor(subject);
    }

    @Override
    public void agreed(String protocolVersion) {
        session.agreed(protocolVersion);
    }

    @Override
    public boolean isExpired() {
        return expired;
    }

    @Override
    public boolean isOpen() {
        return !ended.get() && !expired;
    }

    @Override
    public boolean closesToCancel() {
        return true;
    }

    @Override
    public void listen() {
        ear.open();
    }

    @Override
    public void deafen() {
        ear.rest();
    }

    private void run(Post post) {
        try {
            var response = sent(post);
            try (var body = response.body()) {
                answer(post, response, body);
            }
        } catch (InterruptedException abandoned) {
            inbox.failed(post.id, post.body.fault(), "was given up");
        } catch (TooLong tooLong) {
            inbox.failed(post.id, Fault.BROKEN, String.valueOf(tooLong.getMessage()));
        } catch (IOException broken) {
            boolean unsent = post.body.fault() == Fault.UNSENT;
            inbox.failed(post.id, post.body.fault(), unsent ? "could not be reached" : "broke the connection");
            LOG.debug("server `{}`: {}", server, Printable.text(broken.toString()));
        } catch (IllegalStateException unusable) {
            LOG.warn("server `{}`: {}", server, Printable.text(String.valueOf(unusable.getMessage())));
            inbox.failed(post.id, post.body.fault(), "cannot be called: its credential cannot be used");
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError fault) {
            LOG.error("server `{}`: calling it failed: {}", server, Printable.trace(fault));
            inbox.failed(post.id, post.body.fault(), "could not be called");
        } finally {
            posts.remove(post.id);
        }
    }

    /// A token that the server refuses is renewed once.
    private HttpResponse<InputStream> sent(Post post) throws IOException, InterruptedException {
        var response = client.send(session.post(post.body, post.parcel).build(), BodyHandlers.ofInputStream());
        if (!session.isRenewed(response)) return response;
        response.body().close();
        post.body.returned();
        return client.send(session.post(post.body, post.parcel).build(), BodyHandlers.ofInputStream());
    }

    private void answer(Post post, HttpResponse<InputStream> response, InputStream body)
            throws IOException, InterruptedException {
        String id = post.id;
        int status = response.statusCode();
        if (status >= 300) {
            refuse(post, status, body);
            return;
        }
        if (post.parcel.era() == Era.LEGACY) session.read(response);
        if (ResponseKind.isEvents(response)) {
            inbox.opened(id);
            follow(post, body);
        } else if (ResponseKind.isJson(response)) inbox.message(body(body, messageBytes), Inbox.Origin.of(id, false));
        if (inbox.awaits(id)) inbox.failed(id, Fault.BROKEN, "answered without an answer (HTTP " + status + ")");
    }

    /// A status of 4xx says that the server did not take the request, but for the two that may come after it did;
    /// it may still give a JSON-RPC error, which then is the answer. A session that it no longer knows is
    /// answered 404 by the book. Many servers say 400, as may a tool that ran: what became of that is not known.
    private void refuse(Post post, int status, InputStream body) throws IOException {
        boolean unread = status < 500 && status != 408 && status != 409;
        byte[] text = body.readNBytes(REFUSAL_BYTES);
        boolean gone = post.parcel.era() == Era.LEGACY && session.isKnown() && status == 404;
        expired |= gone;
        if (!gone && unread && inbox.refused(post.id, status, text)) return;
        inbox.failed(post.id, refusal(post, status, unread), "answered HTTP " + status);
    }

    private Fault refusal(Post post, int status, boolean unread) {
        boolean gone = post.parcel.era() == Era.LEGACY && session.isKnown() && (status == 404 || status == 400);
        expired |= gone;
        if (gone) return status == 404 ? Fault.EXPIRED : Fault.DOUBTED;
        return unread ? Fault.REFUSED : Fault.BROKEN;
    }

    /// Follows a stream of events to its end, for the answer and what stands beside it. A server of the first era may
    /// end a stream before the answer and have it resumed; one that does not end it after that is given up soon.
    private void follow(Post post, InputStream body) throws IOException, InterruptedException {
        String id = post.id;
        var events = new EventReader(body, messageBytes, STREAM_FACTOR * messageBytes);
        String last = drain(id, events, "");
        while (inbox.awaits(id) && !last.isEmpty() && post.parcel.era() == Era.LEGACY) {
            inbox.paused(id);
            if (!rest(Math.clamp(events.retryMillis(), SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS)))
                throw new InterruptedException();
            var response = client.send(session.resumption(last).build(), BodyHandlers.ofInputStream());
            try (var more = response.body()) {
                if (!ResponseKind.isEvents(response)) return;
                events = new EventReader(more, messageBytes, STREAM_FACTOR * messageBytes);
                last = drain(id, events, last);
            }
        }
    }

    /// @return id to resume after
    private String drain(String id, EventReader events, String last) throws IOException {
        boolean answered = false;
        for (byte[] event = events.next(); event != null; event = events.next()) {
            events.newRetry().ifPresent(millis -> inbox.retry(id, millis));
            if (event.length > 0) inbox.message(event, Inbox.Origin.of(id, events.isNumbered()));
            else if (events.isNumbered()) inbox.primed(id);
            if (answered || inbox.awaits(id)) continue;
            answered = true;
            var reader = Thread.currentThread();
            LATER.execute(reader::interrupt);
        }
        events.newRetry().ifPresent(millis -> inbox.retry(id, millis));
        return events.lastId().isEmpty() ? last : events.lastId();
    }

    private static byte[] body(InputStream body, int cap) throws IOException {
        byte[] bytes = body.readNBytes(cap);
        if (bytes.length == cap && body.read() >= 0) throw new TooLong(cap);
        return bytes;
    }

    /// @return false where the thread was told to stop
    private static boolean rest(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException stopped) {
            return false;
        }
    }

    private void end(String how) {
        if (!ended.compareAndSet(false, true)) return;
        ear.close();
        inbox.closed(how);
        for (var post : posts.values()) post.thread.interrupt();
    }

    @Override
    public void close() {
        boolean open = isOpen();
        end("was disconnected");
        if (open && session.isKnown())
            farewell = Thread.ofVirtual().name("guardrail-" + server + "-end").start(this::sayFarewell);
    }

    @Override
    public void awaitClosed() throws InterruptedException {
        var last = farewell;
        if (last != null) last.join(FAREWELL);
    }

    private void sayFarewell() {
        try {
            client.send(session.end().timeout(FAREWELL).build(), BodyHandlers.discarding());
        } catch (IOException | IllegalStateException unheard) {
            LOG.debug("server `{}` did not hear the session's end", server);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /// A request under way.
    private final class Post {
        private final String id;
        private final Parcel parcel;
        private final TracedBody body;
        private final Thread thread;

        private Post(Parcel parcel, String id) {
            this.id = id;
            this.parcel = parcel;
            this.body = new TracedBody(parcel.json());
            this.thread =
                    Thread.ofVirtual().name("guardrail-" + server + "-post").unstarted(() -> run(this));
        }
    }
}
