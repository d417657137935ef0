package dev.guardrail.server.store;

import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.StoreConflict;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Something to commit, and whoever waits for it.
///
/// @param outcome completes only after the transaction that holds the work is durable, or failed
record Waiting(Work work, CompletableFuture<Receipt> outcome) {

    Waiting(Work work) {
        this(work, new CompletableFuture<>());
    }

    /// What is done within the writer's transaction. It throws [StoreConflict] and [IllegalArgumentException] only
    /// before it has written anything.
    @FunctionalInterface
    interface Work {
        Receipt write(Appender appender) throws SQLException, StoreConflict;
    }

    /// A batch with all that can be worked out before its turn comes: leaf hashes, and the documents' bytes.
    static Waiting batch(Batch batch) {
        List<Leaf> entries = batch.entries().stream()
                .map(line -> new Leaf(line, Sha256.of(new byte[] {0}, line.bytes())))
                .toList();
        List<Written> changes = batch.changes().stream().map(Waiting::written).toList();
        return new Waiting(appender -> appender.append(entries, changes, batch.bodies()));
    }

    private static Written written(Change change) {
        return new Written(change, change instanceof Change.Put put ? JsonWriter.bytes(put.value()) : new byte[0]);
    }

    /// An entry and its leaf hash.
    record Leaf(Batch.Line line, Sha256 hash) {}

    /// A change and the bytes of the document that it puts.
    record Written(Change change, byte[] value) {}
}
