package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The auditor's own Merkle tree (RFC 6962, section 2.1) of a growing number of leaves: for each level of tiles the
/// hashes that fill no tile yet, at most 255. It shares no code with what writes. Not safe for concurrent use.
final class AuditTree {
    static final int HASH = 32;
    private static final int WIDTH = 256;

    private final List<Row> rows = new ArrayList<>();
    private final Completed completed;
    private final MessageDigest digest = sha256();
    private long size;

    /// The open end of one level.
    private static final class Row {
        private final byte[] hashes = new byte[WIDTH * HASH];
        private int count;
        private long from;
    }

    /// Told of each row of hashes once it fills a tile, and of the rest by [#finish].
    @FunctionalInterface
    interface Completed {
        /// Takes hashes of one level.
        ///
        /// @param level 0 for leaves
        /// @param from index of the first in its level
        /// @param hashes one after the other; not to be kept
        void row(int level, long from, byte[] hashes, int count);
    }

    AuditTree(Completed completed) {
        this.completed = completed;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    long size() {
        return size;
    }

    /// Appends one leaf hash that stands at `offset`.
    void add(byte[] hashes, int offset) {
        push(0, hashes, offset);
        size++;
    }

    private void push(int level, byte[] hashes, int offset) {
        if (rows.size() == level) rows.add(new Row());
        Row row = rows.get(level);
        System.arraycopy(hashes, offset, row.hashes, row.count * HASH, HASH);
        row.count++;
        if (row.count < WIDTH) return;
        completed.row(level, row.from, row.hashes, WIDTH);
        push(level + 1, fold(row.hashes, 0, WIDTH), 0);
        row.count = 0;
        row.from += WIDTH;
    }

    /// Tells of the hashes that fill no tile.
    void finish() {
        for (int level = 0; level < rows.size(); level++) {
            Row row = rows.get(level);
            if (row.count > 0) completed.row(level, row.from, row.hashes, row.count);
        }
    }

    Sha256 root() {
        if (size == 0) return Sha256.wrap(digest.digest());
        var peaks = new ArrayList<byte[]>();
        for (int level = rows.size() - 1; level >= 0; level--) {
            Row row = rows.get(level);
            int from = 0;
            while (from < row.count) {
                int width = Integer.highestOneBit(row.count - from);
                peaks.add(fold(row.hashes, from, width));
                from += width;
            }
        }
        byte[] root = peaks.removeLast();
        while (!peaks.isEmpty()) root = node(peaks.removeLast(), 0, root, 0);
        return Sha256.wrap(root);
    }

    /// Root over a power of two of neighbouring hashes.
    private byte[] fold(byte[] hashes, int from, int width) {
        byte[] row = Arrays.copyOfRange(hashes, from * HASH, (from + width) * HASH);
        for (int left = width; left > 1; left /= 2)
            for (int i = 0; i < left; i += 2)
                System.arraycopy(node(row, i * HASH, row, (i + 1) * HASH), 0, row, i / 2 * HASH, HASH);
        return Arrays.copyOf(row, HASH);
    }

    private byte[] node(byte[] left, int leftAt, byte[] right, int rightAt) {
        digest.update((byte) 1);
        digest.update(left, leftAt, HASH);
        digest.update(right, rightAt, HASH);
        return digest.digest();
    }
}
