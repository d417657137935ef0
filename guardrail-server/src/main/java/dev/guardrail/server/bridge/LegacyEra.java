package dev.guardrail.server.bridge;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.upstream.ResponseKind;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Revisions up to 2025-11-25: one session, begun by the host's `initialize`, and beside the answers a stream on
/// which the server speaks by itself. A session that the guard no longer knows is begun anew with what the host said
/// then; what it was refused for certainly did not run, and goes again.
final class LegacyEra {
    /// How long a message without an answer may take.
    static final Duration ASIDE = Duration.ofSeconds(10);

    private static final String SESSION = "Mcp-Session-Id";
    private static final String LAST = "Last-Event-ID";
    private static final String INITIALIZE = "initialize";
    private static final int LONGEST_ID = 1024;

    private final DoorClient door;
    private final Delivery delivery;
    private final HostOutput host;
    private final Consumer<String> words;
    private final StandingWishes standing = new StandingWishes();
    private final ReentrantLock renewal = new ReentrantLock();
    private volatile @Nullable Session session;
    private volatile @Nullable Thread listener;
    private volatile boolean initialized;
    private volatile boolean ended;

    LegacyEra(DoorClient door, Delivery delivery, HostOutput host, Consumer<String> words) {
        this.door = door;
        this.delivery = delivery;
        this.host = host;
        this.words = words;
    }

    /// What both sides agreed on.
    ///
    /// @param id empty where the server keeps no session
    /// @param greeting the host's params of `initialize`
    /// @param capabilities the server's
    private record Session(String id, String revision, JsonObject greeting, JsonObject capabilities) {
        HttpRequest.Builder in(HttpRequest.Builder request) {
            if (!id.isEmpty()) request.header(SESSION, id);
            return request.header(DoorClient.VERSION, revision);
        }
    }

    /// Takes a request to the guard.
    Outcome carry(HostMessage.Request request, Ear ear) throws InterruptedException {
        if (request.method().equals(INITIALIZE)) return initialize(request, ear);
        Session known = session;
        var noting = new Noting(request, ear);
        Outcome outcome = carry(request.whole(), known, noting);
        if (known == null || !isGone(outcome, known)) return outcome;
        Session next = renew(known);
        return next == null ? outcome : carry(request.whole(), next, noting);
    }

    /// Hears what the host was granted.
    private final class Noting implements Ear {
        private final HostMessage.Request request;
        private final Ear ear;

        Noting(HostMessage.Request request, Ear ear) {
            this.request = request;
            this.ear = ear;
        }

        @Override
        public void opened(HttpResponse<?> response) {
            ear.opened(response);
        }

        @Override
        public boolean heard(JsonObject message) {
            if (Rpc.isResponse(message) && message.has("result")) standing.granted(request);
            return ear.heard(message);
        }
    }

    private Outcome carry(JsonObject message, @Nullable Session in, Ear ear) throws InterruptedException {
        if (in == null) return delivery.deliver(door.post(message).build(), ear);
        Function<String, HttpRequest> resumption =
                last -> in.in(door.listen()).header(LAST, last).build();
        return delivery.deliver(in.in(door.post(message)).build(), ear, Optional.of(resumption));
    }

    /// Takes what wants no answer: a notification, or the host's answer to what the server asked.
    Outcome tell(JsonObject message) throws InterruptedException {
        Session known = session;
        Outcome outcome = post(message, known);
        if (known != null && isGone(outcome, known)) {
            Session next = renew(known);
            if (next != null) outcome = post(message, next);
        }
        boolean ready = message.text("method").equals(Optional.of(HostMessage.INITIALIZED));
        if (ready && outcome instanceof Outcome.Taken) {
            initialized = true;
            listen();
        }
        return outcome;
    }

    private Outcome post(JsonObject message, @Nullable Session in) throws InterruptedException {
        var post = door.post(message).timeout(ASIDE);
        return delivery.deliver((in == null ? post : in.in(post)).build(), unasked -> false);
    }

    private static boolean isGone(Outcome outcome, Session in) {
        return !in.id().isEmpty()
                && outcome instanceof Outcome.Refused refused
                && refused.status() == 404
                && !refused.is(Rpc.NO_METHOD);
    }

    private Outcome initialize(HostMessage.Request request, Ear ear) throws InterruptedException {
        Session before = session;
        session = null;
        initialized = false;
        standing.forget();
        hush();
        if (before != null) end(before);
        return delivery.deliver(
                door.post(request.whole()).build(), new Greeting(request.params(), ear, begun -> session = begun));
    }

    /// Hears the answer to `initialize`; the session is known before the answer goes on.
    private static final class Greeting implements Ear {
        private final JsonObject params;
        private final Ear ear;
        private final Consumer<Session> begun;
        private String id = "";

        Greeting(JsonObject params, Ear ear, Consumer<Session> begun) {
            this.params = params;
            this.ear = ear;
            this.begun = begun;
        }

        @Override
        public void opened(HttpResponse<?> response) {
            id = response.headers().firstValue(SESSION).filter(Greeting::isId).orElse("");
            ear.opened(response);
        }

        private static boolean isId(String text) {
            return text.length() <= LONGEST_ID && text.chars().allMatch(c -> c > ' ' && c < 0x7F);
        }

        @Override
        public boolean heard(JsonObject message) {
            message.object("result")
                    .ifPresent(result -> begun.accept(new Session(
                            id,
                            result.text("protocolVersion")
                                    .filter(DoorClient::carries)
                                    .orElse("2025-11-25"),
                            params,
                            result.object("capabilities").orElse(JsonObject.EMPTY))));
            return ear.heard(message);
        }
    }

    /// Begins the session anew, once for all who found it gone.
    ///
    /// @return the session to go on with; null where none can be had
    private @Nullable Session renew(Session gone) throws InterruptedException {
        renewal.lockInterruptibly();
        try {
            Session known = session;
            if (ended || known == null) return null;
            if (known != gone) return known;
            var begun = new AtomicReference<@Nullable Session>();
            Outcome outcome = delivery.deliver(
                    door.post(Rpc.request("guardrail-stdio-session", INITIALIZE, gone.greeting()))
                            .build(),
                    new Greeting(gone.greeting(), Rpc::isResponse, begun::set));
            Session next = begun.get();
            if (next == null
                    || !(outcome instanceof Outcome.Taken)
                    || !next.revision().equals(gone.revision())) {
                words.accept("the guard ended the session and begins none like it; restart this server in the host");
                return null;
            }
            session = next;
            words.accept("the guard ended the session; it was begun anew");
            if (initialized && post(Rpc.notification(HostMessage.INITIALIZED), next) instanceof Outcome.Taken) listen();
            for (JsonObject wish : standing.all()) carry(wish, next, Rpc::isResponse);
            tellChanges(next);
            return next;
        } finally {
            renewal.unlock();
        }
    }

    /// Whatever the host knows of lists may have changed since.
    private void tellChanges(Session next) {
        for (String kind : List.of("tools", "prompts", "resources"))
            if (next.capabilities()
                    .object(kind)
                    .filter(has -> has.isTrue("listChanged"))
                    .isPresent()) host.write(Rpc.notification("notifications/" + kind + "/list_changed"));
    }

    private void listen() {
        hush();
        Session in = session;
        if (in == null || ended) return;
        listener = Thread.ofVirtual().name("guardrail-listen").start(() -> {
            try {
                hear(in);
            } catch (InterruptedException hushed) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void hush() {
        Thread hearing = listener;
        if (hearing != null && hearing != Thread.currentThread()) hearing.interrupt();
    }

    /// Hears what the server says by itself, resuming after what was heard last, as long as the session lives.
    private void hear(Session in) throws InterruptedException {
        var place = new Delivery.Place();
        int vain = 0;
        while (in == session && !ended) {
            var request = in.in(door.listen());
            if (!place.last().isEmpty()) request.header(LAST, place.last());
            try {
                var response = door.send(request.build());
                try (var body = response.body()) {
                    int status = response.statusCode();
                    if (status == 404 && !in.id().isEmpty()) {
                        renew(in);
                        return;
                    }
                    boolean later = status >= 500 || status == 429;
                    if (!ResponseKind.isEvents(response) && !later) return;
                    vain = later ? vain + 1 : 0;
                    if (!later) delivery.drain(body, place, this::pass);
                }
            } catch (IOException broken) {
                vain++;
            }
            Thread.sleep(place.pauseMillis(vain));
        }
    }

    private boolean pass(JsonObject message) {
        if (message.has("method")) host.write(message);
        return false;
    }

    /// Ends the session, so that whoever still waits in it has left.
    void end(Duration atMost) throws InterruptedException {
        ended = true;
        hush();
        Session last = session;
        if (last == null || last.id().isEmpty()) return;
        try {
            door.http()
                    .sendAsync(last.in(door.end()).timeout(atMost).build(), HttpResponse.BodyHandlers.discarding())
                    .get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException unheard) {
            // The guard is gone, or ends the session when it has been idle; closed streams tell it, too.
            words.accept("the guard did not hear that the session ended");
        }
    }

    private void end(Session left) {
        Thread.ofVirtual().name("guardrail-farewell").start(() -> {
            try {
                delivery.deliver(left.in(door.end()).timeout(ASIDE).build(), unasked -> false);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
