package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class MerkleTreeLaws {
    private static final int MOST = 70;
    private static final List<byte[]> ENTRIES = IntStream.range(0, MOST)
            .mapToObj(i -> ("entry " + i).getBytes(UTF_8))
            .toList();
    private static final List<Sha256> LEAVES =
            ENTRIES.stream().map(MerkleTree::leafHash).toList();

    @Test
    void every_root_is_that_of_the_definition() throws IOException {
        var frontier = new Frontier();
        for (int size = 0; size <= MOST; size++) {
            Sha256 wanted = NaiveTree.mth(ENTRIES.subList(0, size));

            assertEquals(wanted, tree(size).root());
            assertEquals(wanted, frontier.root());
            assertEquals(frontier.peaks(), tree(size).frontier().peaks());
            if (size < MOST) frontier.append(LEAVES.get(size));
        }
    }

    @Test
    void every_inclusion_proof_is_that_of_the_definition_and_verifies() throws IOException {
        for (int size = 1; size <= MOST; size++) {
            Sha256 root = tree(size).root();
            for (int index = 0; index < size; index++) {
                var proof = tree(size).inclusion(index);

                assertEquals(NaiveTree.path(index, ENTRIES.subList(0, size)), proof.path());
                assertTrue(proof.proves(LEAVES.get(index), root));
            }
        }
    }

    @Test
    void every_consistency_proof_is_that_of_the_definition_and_verifies() throws IOException {
        for (int to = 0; to <= MOST; to++) {
            Sha256 later = tree(to).root();
            for (int from = 0; from <= to; from++) {
                var proof = tree(to).consistency(from);

                if (from > 0) assertEquals(NaiveTree.proof(from, ENTRIES.subList(0, to)), proof.path());
                assertTrue(proof.proves(tree(from).root(), later), from + " to " + to);
            }
        }
    }

    @Test
    void no_other_index_or_size_is_proven() throws IOException {
        for (int size = 1; size <= MOST; size++) {
            Sha256 root = tree(size).root();
            for (int index = 0; index < size; index += 3) {
                var path = tree(size).inclusion(index).path();
                Sha256 leaf = LEAVES.get(index);
                assertTrue(new InclusionProof(index, size, path).proves(leaf, root));
                for (int other = -1; other <= size; other++) {
                    if (other != index)
                        assertFalse(new InclusionProof(other, size, path).proves(leaf, root), other + " for " + index);
                }
            }
        }
    }

    @RepeatedTest(1_000)
    void a_tampered_inclusion_proof_is_refused(RepetitionInfo run) throws IOException {
        var random = new Random(run.getCurrentRepetition());
        int size = 2 + random.nextInt(MOST - 1);
        int index = random.nextInt(size);
        var proof = tree(size).inclusion(index);
        Sha256 leaf = LEAVES.get(index);
        Sha256 root = tree(size).root();
        assertTrue(proof.proves(leaf, root));

        assertFalse(proof.proves(flipped(leaf, random), root));
        assertFalse(proof.proves(leaf, flipped(root, random)));
        for (List<Sha256> path : tampered(proof.path(), random))
            assertFalse(new InclusionProof(index, size, path).proves(leaf, root));
    }

    @RepeatedTest(1_000)
    void a_tampered_consistency_proof_is_refused(RepetitionInfo run) throws IOException {
        var random = new Random(run.getCurrentRepetition());
        int to = 2 + random.nextInt(MOST - 1);
        int from = 1 + random.nextInt(to - 1);
        var proof = tree(to).consistency(from);
        Sha256 earlier = tree(from).root();
        Sha256 later = tree(to).root();
        assertTrue(proof.proves(earlier, later));

        assertFalse(proof.proves(flipped(earlier, random), later));
        assertFalse(proof.proves(earlier, flipped(later, random)));
        assertFalse(proof.proves(later, earlier));
        assertFalse(new ConsistencyProof(to, from, proof.path()).proves(earlier, later));
        for (List<Sha256> path : tampered(proof.path(), random))
            assertFalse(new ConsistencyProof(from, to, path).proves(earlier, later));
    }

    @Test
    void trees_of_no_leaves_prove_nothing_but_themselves() {
        var empty = MerkleTree.EMPTY_ROOT;
        var other = LEAVES.getFirst();

        assertTrue(new ConsistencyProof(0, 0, List.of()).proves(empty, empty));
        assertTrue(new ConsistencyProof(0, 1, List.of()).proves(empty, other));
        assertFalse(new ConsistencyProof(0, 0, List.of()).proves(other, other));
        assertFalse(new ConsistencyProof(0, 1, List.of()).proves(other, other));
        assertFalse(new ConsistencyProof(0, 1, List.of(other)).proves(empty, other));
        assertFalse(new InclusionProof(0, 0, List.of()).proves(other, empty));
        assertThrows(IllegalArgumentException.class, () -> tree(0).inclusion(0));
        assertThrows(IllegalArgumentException.class, () -> tree(3).inclusion(3));
        assertThrows(IllegalArgumentException.class, () -> tree(3).consistency(4));
    }

    /// Sizes about the edges of tiles, where proofs are read from levels above the leaves.
    @Test
    void proofs_read_from_tiles_verify_at_every_edge() throws IOException {
        var big = new BigTree(66_000);
        int[] edges = {1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 66_000};
        for (int to : edges) {
            Sha256 root = big.roots.get(to);
            for (HashSource source : List.of(big.kept, big.workedOut)) {
                var tree = new MerkleTree(source, to);
                assertEquals(root, tree.root());
                assertEquals(root, tree.frontier().root());
                for (int edge : edges) {
                    if (edge > to) break;
                    assertTrue(tree.inclusion(edge - 1).proves(big.leaves.get(edge - 1), root));
                    assertTrue(tree.consistency(edge).proves(big.roots.get(edge), root));
                }
            }
        }
    }

    @Test
    void missing_hashes_are_an_error_never_a_proof() {
        var cut = new MerkleTree((_, from, to) -> slice(LEAVES, from, to), MOST + 10);

        assertThrows(IOException.class, cut::root);
        assertThrows(IOException.class, () -> cut.inclusion(1));
    }

    @Test
    void a_frontier_continues_from_its_peaks() {
        var whole = new Frontier();
        for (int size = 0; size < MOST; size++) {
            var resumed = new Frontier(whole.size(), whole.peaks());
            resumed.append(LEAVES.get(size));
            whole.append(LEAVES.get(size));
            assertEquals(whole.root(), resumed.root());
            assertEquals(whole.peaks(), resumed.peaks());
        }
        assertThrows(IllegalArgumentException.class, () -> new Frontier(3, List.of(LEAVES.getFirst())));
    }

    @Test
    void an_entry_beyond_a_bundle_has_no_leaf() {
        assertEquals(Sha256.of(new byte[] {0}), MerkleTree.leafHash(new byte[0]));
        assertEquals(Sha256.of(new byte[65_536]), MerkleTree.leafHash(new byte[65_535]));
        assertThrows(IllegalArgumentException.class, () -> MerkleTree.leafHash(new byte[65_536]));
    }

    private static MerkleTree tree(int size) {
        return new MerkleTree(
                (level, from, to) -> {
                    assertEquals(0, level);
                    return slice(LEAVES, from, to);
                },
                size);
    }

    private static List<Sha256> slice(List<Sha256> row, long from, long to) {
        int end = (int) Math.min(to, row.size());
        return row.subList((int) Math.min(from, end), end);
    }

    private static List<List<Sha256>> tampered(List<Sha256> path, Random random) {
        var all = new ArrayList<List<Sha256>>();
        for (int i = 0; i < path.size(); i++) {
            var changed = new ArrayList<>(path);
            changed.set(i, flipped(path.get(i), random));
            all.add(changed);
            var shorter = new ArrayList<>(path);
            shorter.remove(i);
            all.add(shorter);
        }
        for (int i = 0; i <= path.size(); i++) {
            var longer = new ArrayList<>(path);
            longer.add(i, flipped(path.isEmpty() ? LEAVES.getFirst() : path.getFirst(), random));
            all.add(longer);
        }
        if (path.size() > 1) all.add(path.reversed());
        return all;
    }

    private static Sha256 flipped(Sha256 hash, Random random) {
        byte[] bytes = hash.bytes();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return Sha256.wrap(bytes);
    }

    /// Leaves, the hashes above them as a writer keeps them, and roots by the frontier.
    private static final class BigTree {
        final List<Sha256> leaves = new ArrayList<>();
        final List<Sha256> roots = new ArrayList<>();
        final List<List<Sha256>> levels = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        final HashSource kept = (level, from, to) -> slice(level == 0 ? leaves : levels.get(level), from, to);
        final HashSource workedOut = new LeafHashes((from, to) -> slice(leaves, from, to));

        BigTree(int size) {
            var frontier = new Frontier();
            roots.add(frontier.root());
            for (int i = 0; i < size; i++) {
                Sha256 leaf = MerkleTree.leafHash(Integer.toString(i).getBytes(UTF_8));
                leaves.add(leaf);
                frontier.append(leaf, (level, index, hash) -> {
                    assertEquals(levels.get(level).size(), index);
                    levels.get(level).add(hash);
                });
                roots.add(frontier.root());
            }
        }
    }
}
