package dev.guardrail.server.notify;

import java.time.Instant;
import java.util.Optional;

/// How one channel has done since the guard started.
///
/// @param failing whether the last notice that was settled was not delivered
/// @param why the last failure, in words of ours
public record ChannelHealth(
        boolean failing, Optional<Instant> lastDelivered, Optional<Instant> lastFailed, Optional<String> why) {
    static final ChannelHealth UNTRIED = new ChannelHealth(false, Optional.empty(), Optional.empty(), Optional.empty());

    ChannelHealth delivered(Instant at) {
        return new ChannelHealth(false, Optional.of(at), lastFailed, why);
    }

    ChannelHealth failed(Instant at, String reason) {
        return new ChannelHealth(true, lastDelivered, Optional.of(at), Optional.of(reason));
    }
}
