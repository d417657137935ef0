package dev.guardrail.pipeline;

import dev.guardrail.base.Sha256;
import java.util.Optional;

/// A call that was run, with what it came to; not yet recorded.
///
/// @param stopped true where an operator stopped it before it had ended
/// @param nanos how long it ran
/// @param after keyed digest of what it left behind, where that was read
record Finished(Leased leased, Outcome outcome, boolean stopped, long nanos, Optional<Sha256> after) {

    Finished left(Optional<Sha256> image) {
        return new Finished(leased, outcome, stopped, nanos, image);
    }
}
