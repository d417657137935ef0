package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.List;
import java.util.Optional;

/// Path from one leaf to the root of a tree (RFC 6962, section 2.1.1).
///
/// @param index of the leaf
/// @param size of the tree
/// @param path from the leaf's sibling to the root's child
public record InclusionProof(long index, long size, List<Sha256> path) {
    public InclusionProof {
        path = List.copyOf(path);
    }

    /// True only where `leaf` at `index` leads to `root`.
    public boolean proves(Sha256 leaf, Sha256 root) {
        return root(leaf).filter(root::equals).isPresent();
    }

    /// Follows the path.
    ///
    /// @return the root that it leads to from `leaf`; empty where the path does not fit index and size
    /// @see <a href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2">RFC 9162, section 2.1.3.2</a>
    public Optional<Sha256> root(Sha256 leaf) {
        if (index < 0 || index >= size) return Optional.empty();
        long node = index;
        long last = size - 1;
        Sha256 hash = leaf;
        for (Sha256 sibling : path) {
            if (last == 0) return Optional.empty();
            if ((node & 1) == 1 || node == last) {
                hash = MerkleTree.nodeHash(sibling, hash);
                // a right edge without siblings of its own rises until it has one
                int rise = node == 0 ? 0 : Long.numberOfTrailingZeros(node);
                node >>= rise;
                last >>= rise;
            } else {
                hash = MerkleTree.nodeHash(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 ? Optional.of(hash) : Optional.empty();
    }
}
