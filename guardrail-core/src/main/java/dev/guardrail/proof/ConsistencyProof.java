package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.ArrayList;
import java.util.List;

/// Proof that one tree is a prefix of a later one (RFC 6962, section 2.1.2): nothing was changed, only appended.
///
/// @param from size of the earlier tree
/// @param to size of the later tree
/// @param path empty where the sizes are equal or the earlier tree is empty
public record ConsistencyProof(long from, long to, List<Sha256> path) {
    public ConsistencyProof {
        path = List.copyOf(path);
    }

    /// True only where the tree of `to` leaves with root `later` extends the tree of `from` leaves with root
    /// `earlier`. Every tree extends the empty one.
    ///
    /// @see <a href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2">RFC 9162, section 2.1.4.2</a>
    public boolean proves(Sha256 earlier, Sha256 later) {
        if (from < 0 || from > to) return false;
        if (from == to) return path.isEmpty() && earlier.equals(later) && (to > 0 || isEmptyRoot(earlier));
        if (from == 0) return path.isEmpty() && isEmptyRoot(earlier);
        var hashes = new ArrayList<>(path);
        if (Long.bitCount(from) == 1) hashes.addFirst(earlier);
        return !hashes.isEmpty() && leadsToBoth(hashes, earlier, later);
    }

    private boolean leadsToBoth(List<Sha256> hashes, Sha256 earlier, Sha256 later) {
        int complete = Long.numberOfTrailingZeros(from);
        long node = (from - 1) >> complete;
        long last = (to - 1) >> complete;
        Sha256 left = hashes.getFirst();
        Sha256 whole = left;
        for (Sha256 hash : hashes.subList(1, hashes.size())) {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last) {
                left = MerkleTree.nodeHash(hash, left);
                whole = MerkleTree.nodeHash(hash, whole);
                int rise = node == 0 ? 0 : Long.numberOfTrailingZeros(node);
                node >>= rise;
                last >>= rise;
            } else {
                whole = MerkleTree.nodeHash(whole, hash);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && left.equals(earlier) && whole.equals(later);
    }

    private static boolean isEmptyRoot(Sha256 root) {
        return root.equals(MerkleTree.EMPTY_ROOT);
    }
}
