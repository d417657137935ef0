package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Neighbouring entries, and what can be worked out of them without knowing those before: their leaf hashes, and how
/// they read.
///
/// @param from sequence of the first
/// @param hashes leaf hashes, one after the other
/// @param firstOther index of the first whose stored leaf hash is another one; -1 where there is none
record AuditChunk(long from, List<byte[]> entries, byte[] hashes, List<Reading> readings, int firstOther) {
    private static final String[] TERMS = {"kind", "call", "session", "agent", "tool", "effect"};
    private static final int MAX_ENTRY_BYTES = 16 * 1024;

    AuditChunk {
        entries = List.copyOf(entries);
        readings = List.copyOf(readings);
    }

    /// One entry as it reads.
    sealed interface Reading {
        /// An entry of version 1.
        ///
        /// @param at its time, in milliseconds since 1970
        record Read(Members entry, long at) implements Reading {}

        /// Bytes that are none.
        record Unread(Breach breach) implements Reading {}
    }

    /// Works everything out.
    ///
    /// @param stored leaf hashes as stored; one that is missing is another one
    /// @param compared false where no leaf hashes are stored
    /// @param terms what is stored to find the entries by; none, or one for each
    static AuditChunk of(
            long from, List<byte[]> entries, List<Sha256> stored, boolean compared, List<LogSource.Terms> terms) {
        var digest = AuditTree.sha256();
        byte[] hashes = new byte[entries.size() * AuditTree.HASH];
        var readings = new ArrayList<Reading>(entries.size());
        int firstOther = -1;
        for (int i = 0; i < entries.size(); i++) {
            digest.update((byte) 0);
            byte[] hash = digest.digest(entries.get(i));
            System.arraycopy(hash, 0, hashes, i * AuditTree.HASH, AuditTree.HASH);
            boolean same = !compared
                    || i < stored.size() && Arrays.equals(hash, stored.get(i).bytes());
            if (firstOther < 0 && !same) firstOther = i;
            var reading = reading(entries.get(i));
            boolean found = !same
                    || terms.isEmpty()
                    || !(reading instanceof Reading.Read read)
                    || terms(read).equals(terms.get(i));
            readings.add(
                    found
                            ? reading
                            : new Reading.Unread(
                                    new Breach("other-terms", "is stored under terms that it does not have")));
        }
        return new AuditChunk(from, entries, hashes, readings, firstOther);
    }

    private static LogSource.Terms terms(Reading.Read read) {
        var words = new StringBuilder(128);
        for (String term : TERMS) {
            if (!words.isEmpty()) words.append(LogSource.Terms.SEPARATOR);
            if (read.entry().get(term) instanceof Value.Text(String value)) words.append(value);
        }
        return new LogSource.Terms(read.at(), words.toString());
    }

    private static Reading reading(byte[] bytes) {
        if (bytes.length > MAX_ENTRY_BYTES)
            return new Reading.Unread(new Breach("too-long", "has " + bytes.length + " bytes"));
        try {
            var entry = CanonicalReader.read(bytes);
            return EntryShape.breach(entry)
                    .<Reading>map(Reading.Unread::new)
                    .orElseGet(() -> new Reading.Read(
                            entry,
                            EntryTime.millis(entry.text("at").orElseThrow()).orElseThrow()));
        } catch (MalformedProof malformed) {
            return new Reading.Unread(new Breach("not-canonical", String.valueOf(malformed.getMessage())));
        }
    }
}
