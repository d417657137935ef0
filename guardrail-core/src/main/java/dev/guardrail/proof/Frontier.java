package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.ArrayList;
import java.util.List;

/// The right edge of a growing tree: the roots of its complete subtrees, largest first, one for each bit of its size.
/// An append costs one hash on average, a root at most 63. Not safe for concurrent use.
public final class Frontier {
    private final ArrayList<Sha256> peaks;
    private long size;

    /// An empty tree.
    public Frontier() {
        this(0, List.of());
    }

    /// @param peaks as [#peaks] gave them for that size
    public Frontier(long size, List<Sha256> peaks) {
        if (size < 0 || Long.bitCount(size) != peaks.size())
            throw new IllegalArgumentException(peaks.size() + " hashes are no frontier of a tree of " + size);
        this.size = size;
        this.peaks = new ArrayList<>(peaks);
    }

    public long size() {
        return size;
    }

    public List<Sha256> peaks() {
        return List.copyOf(peaks);
    }

    /// Appends one leaf; see the other `append`.
    public void append(Sha256 leaf) {
        append(leaf, (_, _, _) -> {});
    }

    /// Appends one leaf.
    ///
    /// @param completed told of each hash above the leaves that this leaf lets a tile hold
    public void append(Sha256 leaf, Completed completed) {
        Sha256 hash = leaf;
        for (int height = 0; ; height++) {
            if (height > 0 && height % Tile.HEIGHT == 0) completed.hash(height / Tile.HEIGHT, size >> height, hash);
            if (((size >> height) & 1) == 0) break;
            hash = MerkleTree.nodeHash(peaks.removeLast(), hash);
        }
        peaks.add(hash);
        size++;
    }

    public Sha256 root() {
        if (peaks.isEmpty()) return MerkleTree.EMPTY_ROOT;
        Sha256 root = peaks.getLast();
        for (int i = peaks.size() - 2; i >= 0; i--) root = MerkleTree.nodeHash(peaks.get(i), root);
        return root;
    }

    /// Takes hashes of complete subtrees of `256^level` leaves.
    @FunctionalInterface
    public interface Completed {
        /// Takes one hash.
        ///
        /// @param level 1 and above
        /// @param index of the hash in its level
        void hash(int level, long index, Sha256 hash);
    }
}
