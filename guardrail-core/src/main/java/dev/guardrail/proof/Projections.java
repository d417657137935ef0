package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.util.Optional;

/// What was worked out from a log and is kept beside it, to be compared with it. Read by one thread at a time, while
/// nobody writes.
public interface Projections {
    /// Number of calls that are kept.
    long calls() throws IOException;

    /// @return word of the call's status; empty where it is not kept
    Optional<String> status(String call) throws IOException;

    /// What is kept of a body.
    Body body(String id) throws IOException;

    /// A body, looked at.
    sealed interface Body {
        /// Its commitment, worked out again from salt and bytes.
        record Kept(Sha256 commitment) implements Body {}

        /// It was erased, or its retention is over.
        record Erased() implements Body {}

        /// It cannot be opened with the key at hand: altered, or of another key.
        record Unreadable() implements Body {}
    }
}
