package dev.guardrail.proof;

import java.io.IOException;
import java.util.List;

/// A log as it lies somewhere, for an auditor who believes none of it. Read by one thread at a time.
public interface LogSource {
    /// Number of entries that it says to hold; the auditor reads no more.
    long size() throws IOException;

    /// Entries `from` (inclusive) to `to` (exclusive), in order.
    ///
    /// @return fewer only where the next one is missing
    /// @throws IOException if they cannot be read
    List<byte[]> entries(long from, long to) throws IOException;

    /// What the entries are found by, as stored beside them; none where there is no such thing.
    ///
    /// @return as many as [#entries] gives for the same range, or none
    default List<Terms> terms(long from, long to) throws IOException {
        return List.of();
    }

    /// Levels of tiles that are stored beside the entries, counted from the leaves; 0 for none.
    int levels();

    /// Hashes as stored; asked for levels below [#levels].
    HashSource hashes();

    /// Signed heads of the log, in any order: every one that is known, from wherever.
    List<byte[]> heads() throws IOException;

    /// Columns that searches use. They repeat what the entry says.
    ///
    /// @param atMillis time of the entry, in milliseconds since 1970
    /// @param words kind, call, session, agent, tool and effect, empty where there is none, joined by [#SEPARATOR]
    record Terms(long atMillis, String words) {
        public static final char SEPARATOR = 0x1F;
    }
}
