package dev.guardrail.proof;

import java.util.List;
import java.util.Optional;

/// What an audit found.
///
/// @param fault the first thing that is wrong; empty where nothing is
/// @param origin of the log at its end; empty where no entry names a key
/// @param vkeys every key of the log, first to last
/// @param notes what is no fault and worth a look, at most [#MAX_NOTES] of them
/// @param noteCount all of them
public record AuditReport(
        Optional<Fault> fault,
        Counts counts,
        Optional<String> origin,
        List<String> vkeys,
        List<Note> notes,
        long noteCount) {
    /// Notes that are told in words.
    public static final int MAX_NOTES = 100;

    public AuditReport {
        vkeys = List.copyOf(vkeys);
        notes = List.copyOf(notes);
    }

    public boolean isSound() {
        return fault.isEmpty();
    }

    /// The first entry that is not what it should be.
    ///
    /// @param seq of the entry; of the first entry that nothing vouches for where the fault is in a tree head
    /// @param word of the fault, stable
    public record Fault(long seq, String word, String sentence) {}

    /// Something that is no fault.
    public record Note(long seq, String word, String sentence) {}

    /// How much was looked at, up to the fault where there is one.
    ///
    /// @param signed number of entries that a verified head covers
    /// @param open calls that have not come to an end
    /// @param bodies commitments compared with what is kept; 0 where they were not looked at
    /// @param erased commitments whose bodies are gone
    public record Counts(
            long entries,
            long bytes,
            long heads,
            long signed,
            long calls,
            long decisions,
            long runs,
            long outcomes,
            long tickets,
            long votes,
            long grants,
            long open,
            long bodies,
            long erased) {}
}
