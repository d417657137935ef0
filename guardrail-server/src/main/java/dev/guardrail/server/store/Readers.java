package dev.guardrail.server.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/// A few connections that only read, shared by all who ask. They see what is durable: SQLite shows a transaction to
/// others only after its write-ahead log is on disk.
final class Readers implements AutoCloseable {
    private static final int COUNT = 4;

    private final Path file;
    private final Semaphore free = new Semaphore(COUNT);
    private final Queue<Reader> idle = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    private Readers(Path file) {
        this.file = file;
    }

    static Readers open(Path file) throws IOException {
        var readers = new Readers(file);
        try {
            for (int i = 0; i < COUNT; i++) readers.idle.add(new Reader(Database.reading(file)));
            return readers;
        } catch (IOException broken) {
            readers.close();
            throw broken;
        }
    }

    @FunctionalInterface
    interface Reading<T> {
        T read(Reader reader) throws SQLException;
    }

    /// Waits for a free connection; reads are short, so this is too.
    <T> T read(Reading<T> reading) throws IOException {
        free.acquireUninterruptibly();
        try {
            var reader = idle.poll();
            if (reader == null) throw new IOException("the journal is closed");
            try {
                return reading.read(reader);
            } catch (SQLException broken) {
                throw Database.failure(file, broken);
            } finally {
                idle.add(reader);
            }
        } finally {
            if (closed) closeIdle();
            free.release();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        closeIdle();
    }

    /// Closes what nobody uses; whoever uses one closes it afterwards.
    private void closeIdle() throws IOException {
        for (var reader = idle.poll(); reader != null; reader = idle.poll()) {
            try {
                reader.close();
            } catch (SQLException broken) {
                throw Database.failure(file, broken);
            }
        }
    }
}
