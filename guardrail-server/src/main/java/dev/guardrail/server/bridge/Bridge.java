package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// A host that only starts MCP servers as processes, bridged to the guard's door: a line of the host is a POST, and
/// what comes back is a line for the host (MCP, stdio and Streamable HTTP of 2025-11-25 and 2026-07-28). Requests run
/// side by side; what needs an order keeps it: a message waits for the notifications and the `initialize` before it.
///
/// It fails closed: where the guard cannot be reached, a request is answered with an error that says what to do.
public final class Bridge {
    /// Longest line of the host in bytes, as the guard's `limits.message` is unless set otherwise.
    static final int LINE_BYTES = StrictJson.Limits.DEFAULT.bytes();

    private static final int MOST_REQUESTS = 1_024;
    private static final Duration FAREWELL = Duration.ofMillis(600);

    /// How long the word that takes a request back waits for the guard to know of the request.
    private static final Duration OVERTAKING = Duration.ofSeconds(2);

    private final InputStream in;
    private final DoorClient door;
    private final HostOutput host;
    private final LegacyEra legacy;
    private final ModernEra modern;
    private final Consumer<String> words;
    private final Map<Json, Errand> underWay = new ConcurrentHashMap<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicBoolean ended = new AtomicBoolean();

    /// Completes when all is sent that must come before the next message; only the reading thread touches it.
    private CompletableFuture<Void> before = CompletableFuture.completedFuture(null);

    /// @param guard base of the sidecar's URLs
    /// @param key the agent's credential
    /// @param words takes what is for people: one line each
    public Bridge(URI guard, String server, String key, InputStream in, OutputStream out, Consumer<String> words) {
        this.in = in;
        this.words = words;
        this.door = DoorClient.of(guard, server, key);
        this.host = new HostOutput(out, over::countDown);
        var delivery = new Delivery(door, words);
        this.legacy = new LegacyEra(door, delivery, host, words);
        this.modern = new ModernEra(door, delivery, words);
    }

    /// Runs until the host closes its side.
    public void run() throws InterruptedException {
        Thread.ofPlatform().daemon().name("guardrail-host").start(this::read);
        over.await();
        end();
    }

    private void read() {
        var lines = new HostLines(in, LINE_BYTES);
        try {
            while (!ended.get()) {
                switch (lines.next()) {
                    case HostLines.Line.Whole(byte[] bytes) -> take(HostMessage.read(bytes));
                    case HostLines.Line.TooLong tooLong ->
                        take(new HostMessage.Malformed(Rpc.INVALID, "a line has more than " + LINE_BYTES + " bytes"));
                    case HostLines.Line.None none -> {
                        return;
                    }
                }
            }
        } catch (IOException closed) {
            words.accept("the host's side broke");
        } finally {
            over.countDown();
        }
    }

    private void take(HostMessage message) {
        switch (message) {
            case HostMessage.Malformed(int code, String detail) -> {
                words.accept("a line of the host is no message: " + detail);
                host.write(Rpc.refusal(code, detail));
            }
            case HostMessage.Request request -> take(request);
            case HostMessage.Notification notification
            when notification.method().equals(HostMessage.CANCELLED) -> cancel(notification);
            case HostMessage.Notification notification -> {
                var done = new CompletableFuture<Void>();
                after(() -> tell(notification), done);
                before = done;
            }
            case HostMessage.Response(JsonObject whole) ->
                after(() -> heed(legacy.tell(whole), "an answer of the host"), new CompletableFuture<>());
        }
    }

    /// What is done on the way to the guard, and may wait.
    private interface Step {
        void run() throws InterruptedException;
    }

    /// Runs a step when what must come first is done.
    private void after(Step step, CompletableFuture<Void> done) {
        CompletableFuture<Void> first = before;
        Thread.ofVirtual().name("guardrail-step").start(() -> {
            try {
                first.get();
                step.run();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            } finally {
                done.complete(null);
            }
        });
    }

    private void tell(HostMessage.Notification notification) throws InterruptedException {
        Outcome outcome = notification.isModern() ? modern.tell(notification) : legacy.tell(notification.whole());
        heed(outcome, "a notification of the host");
    }

    private void heed(Outcome outcome, String what) {
        if (!(outcome instanceof Outcome.Taken))
            words.accept(what + " was not taken: " + Explanation.of(outcome, door));
    }

    private void take(HostMessage.Request request) {
        if (underWay.size() >= MOST_REQUESTS) {
            host.write(Rpc.error(request.id(), Rpc.error(Rpc.OVERLOADED, "too many requests are under way")));
            return;
        }
        var errand = new Errand(request);
        if (underWay.putIfAbsent(request.id(), errand) != null) {
            host.write(Rpc.refusal(Rpc.INVALID, "a request with this id is still under way"));
            return;
        }
        after(() -> carry(errand), errand.settled());
        if (request.method().equals("initialize")) before = errand.settled();
    }

    private void carry(Errand errand) throws InterruptedException {
        HostMessage.Request request = errand.request();
        try {
            if (ended.get() || !errand.send()) return;
            var ear = new Hearing(errand);
            Outcome outcome = request.isModern() ? modern.carry(request, ear) : legacy.carry(request, ear);
            conclude(errand, outcome);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError broken) {
            words.accept("a request failed: " + broken);
            conclude(errand, new Outcome.Lost("the bridge failed"));
        } finally {
            underWay.remove(request.id(), errand);
            errand.settle();
        }
    }

    /// Hears what belongs to one request of the host.
    private final class Hearing implements Ear {
        private final Errand errand;

        Hearing(Errand errand) {
            this.errand = errand;
        }

        @Override
        public void opened(HttpResponse<?> response) {
            errand.begun().complete(null);
        }

        @Override
        public boolean heard(JsonObject message) {
            if (!Rpc.isResponse(message)) {
                pass(message);
                return false;
            }
            Json id = message.get("id").orElse(JsonNull.NULL);
            boolean nameless = id instanceof JsonNull && message.has("error");
            if (!nameless && !id.equals(errand.request().id())) {
                words.accept("the guard answered another request than was asked; it is dropped");
                return false;
            }
            answer(errand, message.set("id", errand.request().id()));
            return true;
        }

        private void pass(JsonObject message) {
            boolean asks = message.has("id") && errand.request().isModern();
            if (asks) words.accept("a request of the server is dropped, as this revision has none");
            else if (message.has("method") && !errand.isTakenBack()) host.write(message);
        }
    }

    private void answer(Errand errand, JsonObject message) {
        if (!errand.answer()) return;
        underWay.remove(errand.request().id(), errand);
        host.write(message);
        errand.settle();
    }

    private void conclude(Errand errand, Outcome outcome) {
        if (errand.isOver()) return;
        boolean listened = errand.request().method().equals("subscriptions/listen");
        if (listened && outcome instanceof Outcome.Lost) {
            if (errand.answer()) host.write(cancelled(errand, "the guard ended the subscription"));
            return;
        }
        String detail = Explanation.of(outcome, door);
        words.accept("`" + errand.request().method() + "` was not answered: " + detail);
        answer(errand, Rpc.error(errand.request().id(), Explanation.error(outcome, detail)));
    }

    private static JsonObject cancelled(Errand errand, String reason) {
        return Rpc.notification(
                HostMessage.CANCELLED,
                JsonObject.with("requestId", errand.request().id())
                        .with("reason", reason)
                        .build());
    }

    /// Takes a request back. The guard hears of it after the request itself, and then sees its stream closed, which
    /// is all that it hears since 2026-07-28.
    private void cancel(HostMessage.Notification notification) {
        Errand errand =
                notification.params().get("requestId").map(underWay::get).orElse(null);
        if (errand == null || !errand.takeBack()) return;
        if (!errand.isSent() || errand.request().isModern()) {
            errand.close();
            return;
        }
        Thread.ofVirtual().name("guardrail-cancel").start(() -> {
            try {
                errand.begun().get(OVERTAKING.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException late) {
                words.accept("the guard has not begun to answer what is taken back");
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return;
            }
            try {
                heed(legacy.tell(notification.whole()), "the word that takes a request back");
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } finally {
                errand.close();
            }
        });
    }

    /// Ends: what is under way is taken back, so that nothing runs later for a host that has left, and the session is
    /// over. Takes less than a second, and is done once; whoever comes second waits for nothing.
    public void end() throws InterruptedException {
        if (!ended.compareAndSet(false, true)) return;
        for (Errand errand : underWay.values()) {
            errand.takeBack();
            if (errand.request().isModern()) errand.close();
        }
        try {
            legacy.end(FAREWELL);
        } finally {
            door.close();
            over.countDown();
        }
    }
}
