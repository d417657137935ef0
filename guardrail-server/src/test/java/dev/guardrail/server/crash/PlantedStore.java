package dev.guardrail.server.crash;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A store that does something with each call's new state before it is durable: where planted bugs live.
record PlantedStore(Store sound, Consumer<CallRecord> tooEarly) implements Store {

    static PlantedStore executingFirst(Store sound, Upstream upstream) {
        return new PlantedStore(sound, call -> {
            if (call.status() != Status.RUNNING) return;
            upstream.run(call.id().value());
            CrashGuard.dawdle();
        });
    }

    static PlantedStore acknowledgingFirst(Store sound, Consumer<CallRecord> acknowledge) {
        return new PlantedStore(sound, acknowledge);
    }

    @Override
    public Receipt commit(Batch batch) throws IOException, StoreConflict {
        for (Change change : batch.changes())
            if (change instanceof Change.Put put && put.kind() == Kind.CALL)
                tooEarly.accept(CallRecord.of(put.value()));
        return sound.commit(batch);
    }

    @Override
    public LogId log() {
        return sound.log();
    }

    @Override
    public long size() {
        return sound.size();
    }

    @Override
    public Optional<Document> get(Kind kind, String key) throws IOException {
        return sound.get(kind, key);
    }

    @Override
    public List<Document> find(Kind kind, Document.Tags filter, String after, int limit) throws IOException {
        return sound.find(kind, filter, after, limit);
    }

    @Override
    public Optional<byte[]> body(String id) throws IOException {
        return sound.body(id);
    }

    @Override
    public List<byte[]> read(long from, long to) throws IOException {
        return sound.read(from, to);
    }

    @Override
    public List<Found> search(Query query, long before, int limit) throws IOException {
        return sound.search(query, before, limit);
    }

    @Override
    public List<Sha256> leaves(long from, long to) throws IOException {
        return sound.leaves(from, to);
    }

    @Override
    public Optional<byte[]> checkpoint() throws IOException {
        return sound.checkpoint();
    }

    @Override
    public void keepCheckpoint(long size, byte[] note) throws IOException {
        sound.keepCheckpoint(size, note);
    }

    @Override
    public long highWaterMillis() throws IOException {
        return sound.highWaterMillis();
    }

    @Override
    public boolean writable() {
        return sound.writable();
    }

    @Override
    public void close() throws IOException {
        sound.close();
    }
}
