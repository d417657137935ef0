package dev.guardrail.server.door;

import dev.guardrail.journal.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A range of the log as lines, read page by page: memory does not grow with the log. Not safe for concurrent use.
public final class EntryLines extends InputStream {
    private static final int PAGE = 256;

    private final Store store;
    private final long to;
    private final Form form;
    private long next;
    private byte[] page;
    private int at;

    /// How an entry is written.
    @FunctionalInterface
    public interface Form {
        /// Exactly the bytes that the log vouches for.
        Form AS_STORED = (seq, entry) -> Optional.of(entry);

        /// @return a line without its end; empty to leave the entry out
        Optional<byte[]> line(long seq, byte[] entry);
    }

    /// Entries as they are stored.
    ///
    /// @param from first entry
    /// @param to entry after the last one
    public EntryLines(Store store, long from, long to) {
        this(store, from, to, new byte[0], Form.AS_STORED);
    }

    /// @param head what stands before the first line
    public EntryLines(Store store, long from, long to, byte[] head, Form form) {
        this.store = store;
        this.next = from;
        this.to = to;
        this.page = head.clone();
        this.form = form;
    }

    @Override
    public int read() throws IOException {
        return fill() ? page[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) return 0;
        if (!fill()) return -1;
        int count = Math.min(length, page.length - at);
        System.arraycopy(page, at, bytes, offset, count);
        at += count;
        return count;
    }

    /// @return false at the end
    private boolean fill() throws IOException {
        while (at == page.length) {
            if (next >= to) return false;
            turn();
        }
        return true;
    }

    private void turn() throws IOException {
        List<byte[]> entries = store.read(next, Math.min(to, next + PAGE));
        if (entries.isEmpty()) throw new IOException("the log ends before entry " + to);
        var lines = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            Optional<byte[]> line = form.line(next++, entry);
            if (line.isEmpty()) continue;
            lines.write(line.get());
            lines.write('\n');
        }
        page = lines.toByteArray();
        at = 0;
    }
}
