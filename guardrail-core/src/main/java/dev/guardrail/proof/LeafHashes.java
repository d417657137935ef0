package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Source over a store that keeps leaf hashes alone: the levels above are worked out at first use and kept in memory,
/// 32 bytes for every 256 leaves. Safe for concurrent use.
public final class LeafHashes implements HashSource {
    private final Leaves leaves;
    private final List<List<Sha256>> upper = new ArrayList<>();

    /// @param leaves reads leaf hashes `from` to `to` in order, fewer where the log ends before
    public LeafHashes(Leaves leaves) {
        this.leaves = leaves;
    }

    @Override
    public List<Sha256> read(int level, long from, long to) throws IOException {
        if (level == 0) return leaves.read(from, to);
        synchronized (upper) {
            List<Sha256> row = row(level, to);
            int end = Math.toIntExact(Math.min(to, row.size()));
            return List.copyOf(row.subList(Math.toIntExact(Math.min(from, end)), end));
        }
    }

    /// The kept hashes of a level, with those before `to` as far as the log has them.
    private List<Sha256> row(int level, long to) throws IOException {
        while (upper.size() < level) upper.add(new ArrayList<>());
        List<Sha256> row = upper.get(level - 1);
        while (row.size() < to) {
            long from = (long) row.size() * Tile.WIDTH;
            List<Sha256> below = level == 1
                    ? leaves.read(from, from + Tile.WIDTH)
                    : fullTile(row(level - 1, from + Tile.WIDTH), from);
            if (below.size() < Tile.WIDTH) return row;
            row.add(MerkleTree.fold(below));
        }
        return row;
    }

    private static List<Sha256> fullTile(List<Sha256> row, long from) {
        return row.size() < from + Tile.WIDTH ? List.of() : row.subList((int) from, (int) from + Tile.WIDTH);
    }

    /// Reads leaf hashes from where they are stored.
    @FunctionalInterface
    public interface Leaves {
        List<Sha256> read(long from, long to) throws IOException;
    }
}
