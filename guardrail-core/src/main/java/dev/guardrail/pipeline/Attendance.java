package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.InboundToken;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The client that waits for a call: how to reach it, how long it waits, and whether it left.
///
/// @param connection names the client's connection where it has one of its own upstream (an MCP session)
/// @param timeout longest that running may take
/// @param progressToken the client's own token, where it wants progress
/// @param progress takes `params` of a progress notification as the upstream sent it, with the client's token put back
/// @param left completes when the client cancels or disconnects; running is then cancelled, its outcome still recorded
/// @param token what the caller came with, where that can be exchanged for an upstream's; the path puts it here
public record Attendance(
        Optional<String> connection,
        Duration timeout,
        Optional<Json> progressToken,
        Consumer<JsonObject> progress,
        CompletableFuture<String> left,
        Optional<InboundToken> token) {

    public Attendance(
            Optional<String> connection,
            Duration timeout,
            Optional<Json> progressToken,
            Consumer<JsonObject> progress,
            CompletableFuture<String> left) {
        this(connection, timeout, progressToken, progress, left, Optional.empty());
    }

    /// Somebody who waits in silence.
    public static Attendance silent(Duration timeout) {
        return new Attendance(Optional.empty(), timeout, Optional.empty(), params -> {}, new CompletableFuture<>());
    }

    /// The same client, whose caller came with this token.
    Attendance with(Optional<InboundToken> presented) {
        return new Attendance(connection, timeout, progressToken, progress, left, presented);
    }
}
