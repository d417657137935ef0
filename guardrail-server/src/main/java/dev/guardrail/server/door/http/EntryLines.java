package dev.guardrail.server.door.http;

import dev.guardrail.journal.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/// A range of the log as lines, read page by page: memory does not grow with the log. Not safe for concurrent use.
final class EntryLines extends InputStream {
    private static final int PAGE = 256;

    private final Store store;
    private final long to;
    private long next;
    private byte[] page = new byte[0];
    private int at;

    /// @param from first entry
    /// @param to entry after the last one
    EntryLines(Store store, long from, long to) {
        this.store = store;
        this.next = from;
        this.to = to;
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
        if (at < page.length) return true;
        if (next >= to) return false;
        List<byte[]> entries = store.read(next, Math.min(to, next + PAGE));
        if (entries.isEmpty()) throw new IOException("the log ends before entry " + to);
        var lines = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            lines.write(entry);
            lines.write('\n');
        }
        next += entries.size();
        page = lines.toByteArray();
        at = 0;
        return true;
    }
}
