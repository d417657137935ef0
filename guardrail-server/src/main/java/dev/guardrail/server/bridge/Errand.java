package dev.guardrail.server.bridge;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One request of the host under way. Taken back, it hears nothing more and is not sent where it was not yet.
final class Errand {
    private final HostMessage.Request request;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private @Nullable Thread runner;
    private boolean sent;
    private boolean answered;
    private boolean takenBack;

    Errand(HostMessage.Request request) {
        this.request = request;
    }

    HostMessage.Request request() {
        return request;
    }

    /// Completes when the guard has begun to answer, so that it certainly knows the request, or never will.
    CompletableFuture<Void> begun() {
        return begun;
    }

    /// Completes when it is answered or given up.
    CompletableFuture<Void> settled() {
        return settled;
    }

    /// To be called by the thread that is about to send it.
    ///
    /// @return false where it is not to be sent any more
    synchronized boolean send() {
        runner = Thread.currentThread();
        sent = !takenBack;
        return sent;
    }

    synchronized boolean isSent() {
        return sent;
    }

    synchronized boolean isTakenBack() {
        return takenBack;
    }

    /// True where the host waits for nothing more.
    synchronized boolean isOver() {
        return answered || takenBack;
    }

    /// @return true for the first answer of a request that nobody took back
    synchronized boolean answer() {
        if (answered || takenBack) return false;
        answered = true;
        return true;
    }

    /// From now on it hears nothing more.
    ///
    /// @return false where it was over already
    synchronized boolean takeBack() {
        if (answered || takenBack) return false;
        takenBack = true;
        return true;
    }

    /// Closes its stream.
    synchronized void close() {
        Thread running = runner;
        if (running != null) running.interrupt();
    }

    void settle() {
        begun.complete(null);
        settled.complete(null);
    }
}
