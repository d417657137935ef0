package dev.guardrail.server.store;

import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.proof.HashSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The embedded [Store]: one SQLite file in a directory of its own, write-ahead logged and synced at every commit, with
/// one writer. Documents in use are answered from memory.
public final class SqliteStore implements Store {
    private final LogId log;
    private final DataDirectory directory;
    private final DocumentCache cache = new DocumentCache();
    private final Writer writer;
    private volatile Readers readers;

    private SqliteStore(DataDirectory directory, LogId log, Ticker ticker, Settings settings) throws IOException {
        this.log = log;
        this.directory = directory;
        // The writer makes the file before anybody reads it, and starts to write after they can.
        writer = new Writer(directory, log, cache, settings, ticker);
        try {
            readers = Readers.open(directory.database());
        } catch (IOException broken) {
            writer.close();
            throw broken;
        }
    }

    private SqliteStore start() {
        writer.start(this::renewReaders);
        return this;
    }

    /// Opens the store in a directory, which is made with mode 0700 where there is none. Returns after a trial write
    /// came through.
    ///
    /// @param ticker to notice writes that hang
    /// @throws UnusableData where the directory is in use, open to others, damaged, or of a newer program
    public static SqliteStore open(Path directory, LogId log, Ticker ticker) throws IOException {
        return open(directory, log, ticker, Settings.DEFAULT);
    }

    /// Opens the store of whichever log lies in a directory, or makes that of [LogId#EMBEDDED] where none does.
    ///
    /// @throws UnusableData as the other
    public static SqliteStore open(Path directory, Ticker ticker) throws IOException {
        return open(directory, Backup.log(directory.resolve("journal.db")).orElse(LogId.EMBEDDED), ticker);
    }

    static SqliteStore open(Path path, LogId log, Ticker ticker, Settings settings) throws IOException {
        var directory = DataDirectory.lock(path);
        try {
            return new SqliteStore(directory, log, ticker, settings).start();
        } catch (IOException | RuntimeException broken) {
            directory.close();
            throw broken;
        }
    }

    private void renewReaders() throws IOException {
        var before = readers;
        readers = Readers.open(directory.database());
        before.close();
    }

    @Override
    public LogId log() {
        return log;
    }

    @Override
    public long size() {
        return writer.size();
    }

    @Override
    public Receipt commit(Batch batch) throws IOException, StoreConflict {
        return writer.commit(Waiting.batch(batch));
    }

    @Override
    public Optional<Document> get(Kind kind, String key) throws IOException {
        var place = new Place(kind, key);
        var kept = cache.get(place);
        if (kept != null) return kept.document();
        long readAt = cache.epoch();
        var found = readers.read(reader -> reader.document(place));
        cache.offer(place, found, readAt);
        return found.document();
    }

    @Override
    public List<Document> find(Kind kind, Document.Tags filter, String after, int limit) throws IOException {
        return readers.read(reader -> reader.find(kind, filter, after, limit));
    }

    @Override
    public Optional<byte[]> body(String id) throws IOException {
        return readers.read(reader -> reader.body(id));
    }

    @Override
    public List<byte[]> read(long from, long to) throws IOException {
        range(from, to);
        return readers.read(reader -> reader.entries(from, to));
    }

    @Override
    public List<Found> search(Query query, long before, int limit) throws IOException {
        return readers.read(reader -> reader.search(query, before, limit));
    }

    @Override
    public List<Sha256> leaves(long from, long to) throws IOException {
        range(from, to);
        return readers.read(reader -> reader.leaves(from, to));
    }

    @Override
    public HashSource hashes() {
        return (level, from, to) -> {
            range(from, to);
            return readers.read(reader -> reader.hashes(level, from, to));
        };
    }

    private static void range(long from, long to) {
        if (from < 0 || to < from) throw new IllegalArgumentException("not a range: " + from + " to " + to);
    }

    @Override
    public Optional<byte[]> checkpoint() throws IOException {
        return readers.read(Reader::checkpoint);
    }

    @Override
    public void keepCheckpoint(long size, byte[] note) throws IOException {
        try {
            writer.commit(new Waiting(appender -> appender.keepCheckpoint(size, note)));
        } catch (StoreConflict impossible) {
            throw new IllegalStateException("a checkpoint replaces no document", impossible);
        }
    }

    @Override
    public long highWaterMillis() {
        return writer.highWaterMillis();
    }

    @Override
    public boolean writable() {
        return writer.writable();
    }

    /// Copies all that is durable now into a new file of mode 0600, and proves the copy sound. Commits go on meanwhile.
    ///
    /// @param target must not exist
    /// @return number of entries in the copy
    public long backup(Path target) throws IOException {
        return Backup.take(directory.database(), target);
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            writer.close();
            cache.clear();
            readers.close();
        }
    }
}
