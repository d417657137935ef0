package dev.guardrail.testing;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Body;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// A [Store] in memory, for tests: every promise but durability, which [#reopen] plays. Faults can be ordered.
@NullMarked
public final class MemoryStore implements Store {
    private final Memory memory;
    private @Nullable Fault fault;
    private int soundCommits;
    private Runnable first = () -> {};
    private boolean closed;

    public MemoryStore() {
        this(new Memory());
    }

    private MemoryStore(Memory memory) {
        this.memory = memory;
    }

    /// What becomes of commits until [#mend].
    public enum Fault {
        /// Nothing is written, and the commit says so.
        REFUSED,
        /// All is written, but the commit says that nobody knows.
        UNKNOWN
    }

    /// A store on what this one holds, as after a restart. This one is closed.
    public synchronized MemoryStore reopen() {
        closed = true;
        return new MemoryStore(memory);
    }

    /// From now on every commit fails; an [Fault#UNKNOWN] one does so once, and later ones are refused.
    public synchronized void breakDown(Fault how) {
        breakDown(how, 0);
    }

    /// As the other, but `sound` commits pass before.
    public synchronized void breakDown(Fault how, int sound) {
        fault = how;
        soundCommits = sound;
    }

    /// Does something before each commit is judged: what others do in between.
    public synchronized void beforeCommit(Runnable some) {
        first = some;
    }

    public synchronized void mend() {
        fault = null;
    }

    @Override
    public LogId log() {
        return LogId.EMBEDDED;
    }

    @Override
    public synchronized long size() {
        return memory.lines.size();
    }

    @Override
    public synchronized Receipt commit(Batch batch) throws IOException, StoreConflict {
        open();
        first.run();
        boolean sound = fault == null || soundCommits-- > 0;
        if (!sound && fault == Fault.REFUSED) throw new IOException("the memory store was told to refuse");
        Map<Place, Document> documents = new HashMap<>();
        for (Change change : batch.changes()) stage(change, documents);
        long first = memory.lines.size();
        memory.lines.addAll(batch.entries());
        documents.forEach(memory::put);
        for (Body body : batch.bodies())
            memory.bodies.put(body.id(), body.sealed().clone());
        for (Batch.Line line : batch.entries())
            memory.highWaterMillis =
                    Math.max(memory.highWaterMillis, line.terms().atMillis());
        if (!sound) {
            fault = Fault.REFUSED;
            throw new IOException("the memory store was told that nobody knows");
        }
        return new Receipt(log(), first);
    }

    private void stage(Change change, Map<Place, Document> staged) throws StoreConflict {
        var place = new Place(change.kind(), change.key());
        var present = staged.containsKey(place) ? staged.get(place) : memory.get(place);
        long version = present == null ? 0 : present.version();
        if (version != change.expected()) throw new StoreConflict(change.kind(), change.key());
        switch (change) {
            case Change.Put put ->
                staged.put(place, new Document(put.kind(), put.key(), version + 1, put.tags(), put.value()));
            case Change.Expect expect -> {}
            case Change.Remove remove -> staged.put(place, null);
        }
    }

    @Override
    public synchronized Optional<Document> get(Kind kind, String key) throws IOException {
        open();
        return Optional.ofNullable(memory.get(new Place(kind, key)));
    }

    @Override
    public synchronized List<Document> find(Kind kind, Document.Tags filter, String after, int limit)
            throws IOException {
        open();
        return memory.documents.getOrDefault(kind, new TreeMap<>()).tailMap(after, false).values().stream()
                .filter(document -> matches(filter, document.tags()))
                .limit(limit)
                .toList();
    }

    private static boolean matches(Document.Tags filter, Document.Tags tags) {
        return wants(filter.session(), tags.session())
                && wants(filter.state(), tags.state())
                && wants(filter.digest(), tags.digest());
    }

    private static boolean wants(@Nullable String wanted, @Nullable String value) {
        return wanted == null || wanted.equals(value);
    }

    @Override
    public synchronized Optional<byte[]> body(String id) throws IOException {
        open();
        return Optional.ofNullable(memory.bodies.get(id)).map(byte[]::clone);
    }

    @Override
    public synchronized List<byte[]> read(long from, long to) throws IOException {
        open();
        return within(from, to).stream().map(line -> line.bytes().clone()).toList();
    }

    @Override
    public synchronized List<Sha256> leaves(long from, long to) throws IOException {
        open();
        return within(from, to).stream()
                .map(line -> Sha256.of(new byte[] {0}, line.bytes()))
                .toList();
    }

    private List<Batch.Line> within(long from, long to) {
        if (from < 0 || to < from) throw new IllegalArgumentException("not a range: " + from + " to " + to);
        int size = memory.lines.size();
        return memory.lines.subList((int) Math.min(from, size), (int) Math.min(to, size));
    }

    @Override
    public synchronized List<Found> search(Query query, long before, int limit) throws IOException {
        open();
        List<Found> found = new ArrayList<>();
        for (long seq = Math.min(before, memory.lines.size()) - 1; seq >= 0 && found.size() < limit; seq--) {
            var line = memory.lines.get((int) seq);
            if (matches(query, line.terms()))
                found.add(new Found(seq, line.bytes().clone()));
        }
        return found;
    }

    private static boolean matches(Query query, Batch.Terms terms) {
        return wants(query.call(), terms.call())
                && wants(query.session(), terms.session())
                && wants(query.agent(), terms.agent())
                && wants(query.tool(), terms.tool())
                && wants(query.effect(), terms.effect())
                && wants(query.kind(), terms.kind());
    }

    @Override
    public synchronized Optional<byte[]> checkpoint() throws IOException {
        open();
        return Optional.ofNullable(memory.checkpoint).map(byte[]::clone);
    }

    @Override
    public synchronized void keepCheckpoint(long size, byte[] note) throws IOException {
        open();
        if (!writable()) throw new IOException("the memory store was told to refuse");
        if (size < memory.checkpointSize || size > size())
            throw new IllegalArgumentException("a checkpoint of " + size + " entries after one of "
                    + memory.checkpointSize + " in a log of " + size());
        memory.checkpointSize = size;
        memory.checkpoint = note.clone();
    }

    @Override
    public synchronized long highWaterMillis() throws IOException {
        open();
        return memory.highWaterMillis;
    }

    @Override
    public synchronized boolean writable() {
        return !closed && (fault == null || soundCommits > 0);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private void open() throws IOException {
        if (closed) throw new IOException("the memory store is closed");
    }

    private record Place(Kind kind, String key) {}

    /// What outlives a restart.
    private static final class Memory {
        private static final Comparator<String> BY_BYTES =
                Comparator.comparing(key -> key.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

        private final List<Batch.Line> lines = new ArrayList<>();
        private final Map<Kind, TreeMap<String, Document>> documents = new HashMap<>();
        private final Map<String, byte[]> bodies = new HashMap<>();
        private byte @Nullable [] checkpoint;
        private long checkpointSize;
        private long highWaterMillis;

        @Nullable
        Document get(Place place) {
            return documents.getOrDefault(place.kind(), new TreeMap<>()).get(place.key());
        }

        void put(Place place, @Nullable Document document) {
            var ofKind = documents.computeIfAbsent(place.kind(), kind -> new TreeMap<>(BY_BYTES));
            if (document == null) ofKind.remove(place.key());
            else ofKind.put(document.key(), document);
        }
    }
}
