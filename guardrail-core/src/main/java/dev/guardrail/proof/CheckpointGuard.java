package dev.guardrail.proof;

import java.util.Optional;

/// Keeps a log from contradicting itself: once a tree head was signed, only trees that extend it may be. It holds no
/// state; the caller keeps the last signed head durably *before* releasing it, so that a crash in between leaves a head
/// that nobody has seen, never one that was forgotten.
public final class CheckpointGuard {
    private CheckpointGuard() {}

    /// Judges one signing.
    ///
    /// @param last the head signed last, as stored durably
    /// @param next the head to be signed
    /// @param proof that `next` extends `last`; from its size to the other's
    /// @return why it must not be signed; empty where it may
    public static Optional<Refusal> refusal(Checkpoint last, Checkpoint next, ConsistencyProof proof) {
        if (!next.origin().equals(last.origin())) return Optional.of(Refusal.OTHER_LOG);
        if (next.size() < last.size()) return Optional.of(Refusal.SMALLER);
        if (next.size() == last.size())
            return next.root().equals(last.root()) ? Optional.empty() : Optional.of(Refusal.DIFFERENT_ROOT);
        boolean extended =
                proof.from() == last.size() && proof.to() == next.size() && proof.proves(last.root(), next.root());
        return extended ? Optional.empty() : Optional.of(Refusal.INCONSISTENT);
    }

    /// Why a head must not be signed.
    public enum Refusal {
        /// The last signed head is of a log with another origin.
        OTHER_LOG,
        /// Entries that were signed for are gone, as after an old backup was restored.
        SMALLER,
        /// The same number of entries, but not the same ones.
        DIFFERENT_ROOT,
        /// More entries, but those signed for are not among them.
        INCONSISTENT
    }
}
