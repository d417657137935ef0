package dev.guardrail.server.door.mcp;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// What a client was asked and has not answered, by our own ids. An answer counts once, and only for a question that
/// waits.
final class Questions {
    private final Map<RpcId, CompletableFuture<Message.Response>> open = new ConcurrentHashMap<>();
    private volatile boolean ended;

    /// Opens a question.
    ///
    /// @return completes with the client's answer; exceptionally where none comes any more
    CompletableFuture<Message.Response> open(RpcId id) {
        var answer = new CompletableFuture<Message.Response>();
        open.put(id, answer);
        if (ended) end();
        return answer;
    }

    /// @return false where no such question waits
    boolean answered(Message.Response response) {
        var waiting = response.id().map(open::remove).orElse(null);
        return waiting != null && waiting.complete(response);
    }

    void close(RpcId id) {
        open.remove(id);
    }

    /// Nobody answers any more.
    void end() {
        ended = true;
        open.values().forEach(answer -> answer.cancel(false));
        open.clear();
    }
}
