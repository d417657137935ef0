package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.proof.HashSource;
import dev.guardrail.proof.LeafHashes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Durable home of one node's log and of the documents that project it. Safe for concurrent use; calls block and are
/// made from virtual threads. When [#commit] returns, the batch survives a crash of process and machine.
public interface Store extends AutoCloseable {
    LogId log();

    /// Number of durable entries, equal to the sequence of the next one.
    long size();

    /// Commits all of the batch or none of it; waiting calls share an append (group commit). Conflicts are judged in
    /// commit order, so of two batches that replace the same version exactly one succeeds.
    ///
    /// @return where the first entry of the batch stands; for a batch without entries, the present size
    /// @throws StoreConflict if a document's version is not the expected one; nothing was written
    /// @throws IOException if durability is unknown or the store is unwritable; every later commit fails
    ///     too until the store has recovered by reopening what is durable
    Receipt commit(Batch batch) throws IOException, StoreConflict;

    Optional<Document> get(Kind kind, String key) throws IOException;

    /// Documents of a kind, in order of their keys' UTF-8 bytes.
    ///
    /// @param filter tags that must be equal; null tags do not matter
    /// @param after only keys beyond this one; empty for all
    List<Document> find(Kind kind, Document.Tags filter, String after, int limit) throws IOException;

    /// @return the sealed bytes; empty where they were never stored or are erased
    Optional<byte[]> body(String id) throws IOException;

    /// Entries `from` (inclusive) to `to` (exclusive), in order; fewer where the log ends before.
    List<byte[]> read(long from, long to) throws IOException;

    /// Entries that match, newest first.
    ///
    /// @param before only sequences below this one
    List<Found> search(Query query, long before, int limit) throws IOException;

    /// Leaf hashes `from` (inclusive) to `to` (exclusive) as stored beside the entries.
    List<Sha256> leaves(long from, long to) throws IOException;

    /// The hashes of the log's tree, to be asked for once and kept. A store that keeps those above the leaves gives
    /// them
    /// without reading the leaves again.
    default HashSource hashes() {
        return new LeafHashes(this::leaves);
    }

    /// The latest checkpoint that was signed, as a signed note; empty before the first.
    Optional<byte[]> checkpoint() throws IOException;

    /// Keeps a signed checkpoint, durably, before it is released to anyone; only the latest is kept.
    ///
    /// @throws IllegalArgumentException where one of a larger log is kept already, or the log is shorter
    /// @throws IOException as [#commit]
    void keepCheckpoint(long size, byte[] note) throws IOException;

    /// Latest time of any durable entry, in milliseconds since 1970; 0 for an empty log.
    long highWaterMillis() throws IOException;

    /// True while commits can succeed. It turns false within a second of a fault and true again by itself.
    boolean writable();

    @Override
    void close() throws IOException;

    /// An entry and where it stands.
    record Found(long seq, byte[] bytes) {
        /// The entry, parsed.
        public JsonObject entry() {
            return (JsonObject) StrictJson.parse(bytes);
        }
    }

    /// Terms that must be equal; null ones do not matter.
    record Query(
            @Nullable String call,
            @Nullable String session,
            @Nullable String agent,
            @Nullable String tool,
            @Nullable String effect,
            @Nullable String kind) {
        public static final Query ALL = new Query(null, null, null, null, null, null);
    }
}
