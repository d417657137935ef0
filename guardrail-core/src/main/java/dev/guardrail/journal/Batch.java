package dev.guardrail.journal;

import java.util.List;

/// What is committed together: all of it or nothing.
///
/// @param entries appended in this order; other batches' entries may come before, never between
/// @param changes compare-and-sets, judged one after the other; any mismatch fails the whole batch with [StoreConflict]
/// @param bodies kept under their ids; one that is there already is replaced
public record Batch(List<Line> entries, List<Change> changes, List<Body> bodies) {
    /// Largest entry, in bytes.
    public static final int ENTRY_BYTES = 16 * 1024;

    public Batch {
        entries = List.copyOf(entries);
        changes = List.copyOf(changes);
        bodies = List.copyOf(bodies);
        for (Line line : entries)
            if (line.bytes().length > ENTRY_BYTES)
                throw new IllegalArgumentException("an entry has at most " + ENTRY_BYTES + " bytes");
    }

    /// One entry's canonical bytes, and the columns that searches use.
    public record Line(byte[] bytes, Terms terms) {}

    /// What entries are found by; empty where a kind has no such thing. They repeat what the bytes say.
    ///
    /// @param atMillis time of the entry, in milliseconds since 1970
    public record Terms(
            long atMillis, String kind, String call, String session, String agent, String tool, String effect) {}
}
