package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Reads a log ahead of whoever judges it: chunk after chunk in order, each worked out on any processor once it is
/// read.
/// The source is asked by one thread at a time.
final class ChunkReader implements AutoCloseable {
    private static final int CHUNK = 2_048;

    private final LogSource source;
    private final long size;

    /// As many at once as there are processors.
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private CompletableFuture<Boolean> complete = CompletableFuture.completedFuture(true);
    private long next;

    ChunkReader(LogSource source) throws IOException {
        this.source = source;
        this.size = source.size();
    }

    boolean hasNext() {
        return next < size;
    }

    /// Starts to read the next chunk. After one that lacks entries nothing more is read, and chunks are empty.
    CompletableFuture<AuditChunk> next() {
        long from = next;
        long to = Math.min(size, from + CHUNK);
        next = to;
        var raw = complete.thenApplyAsync(sound -> sound ? read(from, to) : Raw.nothing(from), threads);
        complete = raw.thenApply(read -> read.entries().size() == to - from);
        return raw.thenApplyAsync(
                read -> AuditChunk.of(from, read.entries(), read.stored(), source.levels() > 0, read.terms()), threads);
    }

    /// Entries and what is stored beside them.
    private record Raw(long from, List<byte[]> entries, List<Sha256> stored, List<LogSource.Terms> terms) {
        static Raw nothing(long from) {
            return new Raw(from, List.of(), List.of(), List.of());
        }
    }

    private Raw read(long from, long to) {
        synchronized (source) {
            try {
                List<byte[]> entries = source.entries(from, to);
                long end = from + entries.size();
                return new Raw(from, entries, stored(from, end), source.terms(from, end));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }

    private List<Sha256> stored(long from, long to) throws IOException {
        if (source.levels() == 0) return List.of();
        var hashes = new ArrayList<Sha256>(Math.toIntExact(to - from));
        for (long at = from; at < to; at += Tile.WIDTH) {
            long end = Math.min(to, at + Tile.WIDTH);
            var row = source.hashes().read(0, at, end);
            hashes.addAll(row);
            if (row.size() < end - at) break;
        }
        return hashes;
    }

    /// Hashes of a level above the leaves, as stored.
    List<Sha256> above(int level, long from, long to) {
        synchronized (source) {
            try {
                return source.hashes().read(level, from, to);
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }

    /// Gives up what is underway.
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
