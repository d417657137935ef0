package dev.guardrail.testing;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A store that passes everything on, for those that change one thing of it.
public class Wrapped implements Store {
    private final Store store;

    protected Wrapped(Store store) {
        this.store = store;
    }

    @Override
    public LogId log() {
        return store.log();
    }

    @Override
    public long size() {
        return store.size();
    }

    @Override
    public Receipt commit(Batch batch) throws IOException, StoreConflict {
        return store.commit(batch);
    }

    @Override
    public Optional<Document> get(Kind kind, String key) throws IOException {
        return store.get(kind, key);
    }

    @Override
    public List<Document> find(Kind kind, Document.Tags filter, String after, int limit) throws IOException {
        return store.find(kind, filter, after, limit);
    }

    @Override
    public Optional<byte[]> body(String id) throws IOException {
        return store.body(id);
    }

    @Override
    public List<byte[]> read(long from, long to) throws IOException {
        return store.read(from, to);
    }

    @Override
    public List<Found> search(Query query, long before, int limit) throws IOException {
        return store.search(query, before, limit);
    }

    @Override
    public List<Sha256> leaves(long from, long to) throws IOException {
        return store.leaves(from, to);
    }

    @Override
    public Optional<byte[]> checkpoint() throws IOException {
        return store.checkpoint();
    }

    @Override
    public void keepCheckpoint(long size, byte[] note) throws IOException {
        store.keepCheckpoint(size, note);
    }

    @Override
    public long highWaterMillis() throws IOException {
        return store.highWaterMillis();
    }

    @Override
    public boolean writable() {
        return store.writable();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
