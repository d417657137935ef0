package dev.guardrail.server.store;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Body;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.proof.Frontier;
import dev.guardrail.proof.HashSource;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.server.store.DocumentCache.Kept;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The one connection that writes, with its statements and the transaction it is in. Used by the writer's thread alone;
/// after any [SQLException] it must be closed and opened again. It is always in a transaction and so keeps the right to
/// write: nobody else writes into the file while it is open.
final class Appender implements AutoCloseable {
    private static final int PROBE_BYTES = 64 << 10;

    private final LogId log;
    private final DocumentCache cache;
    private final Connection connection;
    private final Settings.Disk disk;
    private final PreparedStatement entry;
    private final PreparedStatement node;
    private final DocumentTable table;
    private final PreparedStatement body;
    private final PreparedStatement highWater;
    private final PreparedStatement checkpoint;
    private final PreparedStatement end;
    private final PreparedStatement begin;

    /// Documents written in this transaction.
    private final Map<Place, Kept> pending = new HashMap<>();

    /// The tree's right edge, as of this transaction.
    private final Frontier frontier;

    private long size;
    private long highWaterMillis;
    private long durableHighWaterMillis;
    private long checkpointSize;

    private Appender(LogId log, DocumentCache cache, Connection connection, Settings.Disk disk) throws SQLException {
        this.log = log;
        this.cache = cache;
        this.connection = connection;
        this.disk = disk;
        size = Database.number(connection, "SELECT max(seq) + 1 FROM entry");
        frontier = frontier(connection, size);
        highWaterMillis = Database.number(connection, "SELECT value FROM meta WHERE name = 'high_water'");
        durableHighWaterMillis = highWaterMillis;
        checkpointSize = Database.number(connection, "SELECT size FROM checkpoint");
        entry = connection.prepareStatement("INSERT INTO entry(seq, leaf, at, kind, call, session, agent, tool, effect,"
                + " bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        node = connection.prepareStatement("INSERT INTO node(level, number, hash) VALUES (?, ?, ?)");
        table = new DocumentTable(connection);
        body = connection.prepareStatement("INSERT INTO body(id, sealed) VALUES (?, ?)"
                + " ON CONFLICT(id) DO UPDATE SET sealed = excluded.sealed");
        highWater = connection.prepareStatement("UPDATE meta SET value = ? WHERE name = 'high_water'");
        checkpoint = connection.prepareStatement("INSERT INTO checkpoint(id, size, note) VALUES (1, ?, ?)"
                + " ON CONFLICT(id) DO UPDATE SET size = excluded.size, note = excluded.note");
        // The driver's own commit prepares both anew each time.
        end = connection.prepareStatement("COMMIT");
        begin = connection.prepareStatement("BEGIN IMMEDIATE");
    }

    private static Frontier frontier(Connection connection, long size) throws SQLException {
        var reader = new Reader(connection);
        HashSource stored = (level, from, to) -> {
            try {
                return reader.hashes(level, from, to);
            } catch (SQLException broken) {
                throw new IOException(broken);
            }
        };
        try {
            return new MerkleTree(stored, size).frontier();
        } catch (IOException missing) {
            throw missing.getCause() instanceof SQLException broken
                    ? broken
                    : new SQLException("the hashes of the log are incomplete: " + missing.getMessage(), missing);
        }
    }

    /// Opens a journal's file, making its tables where it is empty, and proves that it can be written.
    static Appender open(Path file, LogId log, DocumentCache cache, Settings settings) throws IOException {
        var connection = Database.writing(file, settings);
        try {
            settings.disk().beforeOpening();
            Database.prepare(connection, file, log);
            probe(connection);
            connection.setAutoCommit(false);
            return new Appender(log, cache, connection, settings.disk());
        } catch (SQLException broken) {
            throw Database.closed(connection, Database.failure(file, broken));
        } catch (IOException refused) {
            throw Database.closed(connection, refused);
        }
    }

    /// Writes and removes more than a small append needs, durably: it fails while the disk is full.
    private static void probe(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "INSERT OR REPLACE INTO probe(id, filling) VALUES (1, zeroblob(" + PROBE_BYTES + "))");
            statement.executeUpdate("DELETE FROM probe");
        }
    }

    long size() {
        return size;
    }

    long highWaterMillis() {
        return highWaterMillis;
    }

    Receipt append(List<Waiting.Leaf> entries, List<Waiting.Written> changes, List<Body> bodies)
            throws SQLException, StoreConflict {
        Map<Place, Kept> documents = new LinkedHashMap<>();
        for (var change : changes) judge(change, documents);
        long first = size;
        for (var leaf : entries) insert(leaf);
        for (var document : documents.entrySet()) write(document.getKey(), document.getValue());
        for (Body each : bodies) {
            body.setString(1, each.id());
            body.setBytes(2, each.sealed());
            body.executeUpdate();
        }
        return new Receipt(log, first);
    }

    /// @throws IllegalArgumentException where the kept one is of a larger log, or the log is shorter
    Receipt keepCheckpoint(long ofSize, byte[] note) throws SQLException {
        if (ofSize < checkpointSize || ofSize > size)
            throw new IllegalArgumentException("a checkpoint of " + ofSize + " entries cannot follow one of "
                    + checkpointSize + " in a log of " + size);
        checkpoint.setLong(1, ofSize);
        checkpoint.setBytes(2, note);
        checkpoint.executeUpdate();
        checkpointSize = ofSize;
        return new Receipt(log, size);
    }

    private void judge(Waiting.Written written, Map<Place, Kept> documents) throws SQLException, StoreConflict {
        var change = written.change();
        var place = new Place(change.kind(), change.key());
        var present = documents.get(place);
        long found = present == null ? version(place) : present.version();
        if (found != change.expected()) throw new StoreConflict(change.kind(), change.key());
        switch (change) {
            case Change.Put(var kind, var key, var expected, var tags, var value) ->
                documents.put(
                        place,
                        new Kept(Optional.of(new Document(kind, key, expected + 1, tags, value)), written.value()));
            case Change.Expect expect -> {}
            case Change.Remove gone -> documents.put(place, Kept.ABSENT);
        }
    }

    /// The document as of this transaction; null where only the file knows.
    private @Nullable Kept known(Place place) {
        var kept = pending.get(place);
        return kept == null ? cache.get(place) : kept;
    }

    private long version(Place place) throws SQLException {
        var kept = known(place);
        if (kept != null) return kept.version();
        return table.version(place);
    }

    private void insert(Waiting.Leaf leaf) throws SQLException {
        Batch.Terms terms = leaf.line().terms();
        entry.setLong(1, size);
        entry.setBytes(2, leaf.hash().bytes());
        entry.setLong(3, terms.atMillis());
        entry.setString(4, terms.kind());
        term(5, terms.call());
        term(6, terms.session());
        term(7, terms.agent());
        term(8, terms.tool());
        term(9, terms.effect());
        entry.setBytes(10, leaf.line().bytes());
        entry.executeUpdate();
        size++;
        var complete = new ArrayList<Node>(0);
        frontier.append(leaf.hash(), (level, number, hash) -> complete.add(new Node(level, number, hash)));
        for (Node each : complete) {
            node.setInt(1, each.level());
            node.setLong(2, each.number());
            node.setBytes(3, each.hash().bytes());
            node.executeUpdate();
        }
        highWaterMillis = Math.max(highWaterMillis, terms.atMillis());
    }

    /// The hash of a subtree that is complete from now on.
    private record Node(int level, long number, Sha256 hash) {}

    private void term(int index, String value) throws SQLException {
        DocumentTable.text(entry, index, value.isEmpty() ? null : value);
    }

    private void write(Place place, Kept kept) throws SQLException {
        var before = known(place);
        pending.put(place, kept);
        var present = kept.document().orElse(null);
        if (present == null) table.remove(place);
        else table.write(place, before == null ? null : before.tags(), present, kept.text());
    }

    /// Makes the transaction durable, then lets readers of the cache see it. A crash before SQLite's commit returns
    /// leaves all of the transaction or nothing of it, and nobody was told of it.
    void commit() throws SQLException {
        if (highWaterMillis != durableHighWaterMillis) {
            highWater.setString(1, Long.toString(highWaterMillis));
            highWater.executeUpdate();
        }
        disk.beforeCommit();
        end.execute();
        begin.execute();
        disk.afterCommit();
        durableHighWaterMillis = highWaterMillis;
        cache.publish(pending);
        pending.clear();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
