package dev.guardrail.pipeline;

import dev.guardrail.call.InboundToken;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The client that waits for a call: how long it waits, and whether it left.
///
/// @param errand what its door hands to whoever runs the call
/// @param timeout longest that running may take in silence
/// @param left completes when the client takes the call back; running is then cancelled, its outcome still recorded
/// @param token what the caller came with, where that can be exchanged for an upstream's; the path puts it here
public record Attendance(
        Optional<Errand> errand, Duration timeout, CompletableFuture<String> left, Optional<InboundToken> token) {

    public Attendance(Optional<Errand> errand, Duration timeout, CompletableFuture<String> left) {
        this(errand, timeout, left, Optional.empty());
    }

    /// Somebody who waits in silence.
    public static Attendance silent(Duration timeout) {
        return new Attendance(Optional.empty(), timeout, new CompletableFuture<>());
    }

    /// The same client, who also counts as gone once `stopped` completes.
    Attendance until(CompletableFuture<String> stopped) {
        return new Attendance(errand, timeout, left.applyToEither(stopped, reason -> reason), token);
    }

    /// The same client, whose caller came with this token.
    Attendance with(Optional<InboundToken> presented) {
        return new Attendance(errand, timeout, left, presented);
    }
}
