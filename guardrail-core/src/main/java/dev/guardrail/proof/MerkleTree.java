package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The Merkle tree of a log's first entries (RFC 6962, section 2.1), read from stored hashes. Proofs cost a number of
/// reads that grows with the logarithm of the size. Immutable, and as safe for concurrent use as its source.
///
/// @param hashes where the log's hashes lie; it knows at least `size` leaves
/// @param size number of leaves
public record MerkleTree(HashSource hashes, long size) {
    /// Longest entry, so that entries fit the bundles of c2sp.org/tlog-tiles.
    public static final int ENTRY_BYTES = 65_535;

    /// Root of a tree without leaves: SHA-256 of nothing.
    public static final Sha256 EMPTY_ROOT = Sha256.of(new byte[0]);

    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    public MerkleTree {
        if (size < 0) throw new IllegalArgumentException("a tree has no negative size");
    }

    /// Hash of one leaf: `SHA-256(0x00 || entry)`. The prefix keeps a leaf from posing as an inner node.
    ///
    /// @param entry 0 to 65 535 bytes
    /// @throws IllegalArgumentException if `entry` is longer
    /// @see <a href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1">RFC 6962, section 2.1</a>
    public static Sha256 leafHash(byte[] entry) {
        if (entry.length > ENTRY_BYTES)
            throw new IllegalArgumentException("an entry has at most " + ENTRY_BYTES + " bytes");
        return Sha256.of(LEAF, entry);
    }

    /// Hash of an inner node: `SHA-256(0x01 || left || right)`.
    public static Sha256 nodeHash(Sha256 left, Sha256 right) {
        return Sha256.of(NODE, left.bytes(), right.bytes());
    }

    public Sha256 root() throws IOException {
        return size == 0 ? EMPTY_ROOT : hash(0, size);
    }

    /// Proves that the entry at `index` is in this tree.
    ///
    /// @param index from 0 to `size - 1`
    public InclusionProof inclusion(long index) throws IOException {
        if (index < 0 || index >= size)
            throw new IllegalArgumentException("no entry " + index + " in a tree of " + size);
        var path = new ArrayList<Sha256>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + split(to - from);
            if (index < middle) {
                path.add(hash(middle, to));
                to = middle;
            } else {
                path.add(hash(from, middle));
                from = middle;
            }
        }
        return new InclusionProof(index, size, path.reversed());
    }

    /// Proves that the tree of the first `earlier` leaves is a prefix of this one.
    ///
    /// @param earlier from 0 to `size`; the proof is empty at both ends
    public ConsistencyProof consistency(long earlier) throws IOException {
        if (earlier < 0 || earlier > size)
            throw new IllegalArgumentException("no prefix of " + earlier + " in a tree of " + size);
        var path = new ArrayList<Sha256>();
        long from = 0;
        long to = earlier == 0 ? 0 : size;
        while (to != earlier) {
            long middle = from + split(to - from);
            if (earlier <= middle) {
                path.add(hash(middle, to));
                to = middle;
            } else {
                path.add(hash(from, middle));
                from = middle;
            }
        }
        if (from > 0) path.add(hash(from, to));
        return new ConsistencyProof(earlier, size, path.reversed());
    }

    /// The hashes that further leaves are appended to.
    public Frontier frontier() throws IOException {
        var peaks = new ArrayList<Sha256>();
        for (long from = 0; from < size; ) {
            long width = Long.highestOneBit(size - from);
            peaks.add(hash(from, from + width));
            from += width;
        }
        return new Frontier(size, peaks);
    }

    /// Merkle tree hash of the leaves `from` to `to`, where `from` is a multiple of the power of two next to the width.
    private Sha256 hash(long from, long to) throws IOException {
        long width = to - from;
        if (Long.bitCount(width) == 1) return complete(Long.numberOfTrailingZeros(width), from);
        long middle = from + split(width);
        return nodeHash(hash(from, middle), hash(middle, to));
    }

    private Sha256 complete(int height, long from) throws IOException {
        int level = height / Tile.HEIGHT;
        int folds = height % Tile.HEIGHT;
        long first = from >> (level * Tile.HEIGHT);
        List<Sha256> row = hashes.read(level, first, first + (1L << folds));
        if (row.size() != 1 << folds)
            throw new IOException("hashes of tile level " + level + " are missing from " + first);
        return fold(row);
    }

    /// Root over a row of hashes; their number is a power of two.
    static Sha256 fold(List<Sha256> row) {
        List<Sha256> rest = row;
        while (rest.size() > 1) {
            var above = new ArrayList<Sha256>(rest.size() / 2);
            for (int i = 0; i < rest.size(); i += 2) above.add(nodeHash(rest.get(i), rest.get(i + 1)));
            rest = above;
        }
        return rest.getFirst();
    }

    /// The largest power of two below `width`, for a width of at least 2.
    private static long split(long width) {
        return Long.highestOneBit(width - 1);
    }
}
