package dev.guardrail.server.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/// The beginning and the end of what is written to it; what is between them is counted alone. Safe for concurrent use.
final class Kept extends OutputStream {
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private final byte[] tail;
    private long count;

    /// @param most bytes that are kept, half of them from the beginning
    Kept(int most) {
        tail = new byte[most / 2];
    }

    @Override
    public void write(int single) {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        int first = Math.min(length, tail.length - head.size());
        head.write(bytes, from, first);
        for (int i = first; i < length; i++) tail[place(count + i)] = bytes[from + i];
        count += length;
    }

    private int place(long position) {
        return (int) (position % tail.length);
    }

    /// Bytes that were written and are not kept.
    synchronized long omitted() {
        return Math.max(0, count - 2L * tail.length);
    }

    /// What is kept, as UTF-8; bytes that are none are replaced.
    synchronized String text() {
        var all = new ByteArrayOutputStream();
        all.writeBytes(head.toByteArray());
        if (omitted() > 0) all.writeBytes(("\n… " + omitted() + " bytes are left out here …\n").getBytes(UTF_8));
        for (long at = head.size() + omitted(); at < count; at++) all.write(tail[place(at)]);
        return all.toString(UTF_8);
    }
}
