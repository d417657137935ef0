package dev.guardrail.testing;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Store;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.Frontier;
import dev.guardrail.proof.HashSource;
import dev.guardrail.proof.LogSource;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.proof.Signer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/// A log in memory, with its stored hashes and signed heads, which tests may tamper with one by one.
@NullMarked
public final class HeldLog implements LogSource {
    public final List<byte[]> entries = new ArrayList<>();

    /// By level, 0 for leaves; those above only for tiles that are complete.
    public final List<List<Sha256>> tiles = new ArrayList<>();

    public final List<byte[]> heads = new ArrayList<>();

    /// The log of a store, with its leaf hashes and without heads.
    public static HeldLog of(Store store) throws IOException {
        var log = new HeldLog();
        log.entries.addAll(store.read(0, store.size()));
        return log.hashed();
    }

    public static HeldLog of(List<byte[]> entries) {
        var log = new HeldLog();
        log.entries.addAll(entries);
        return log.hashed();
    }

    /// A copy, to be tampered with alone.
    public HeldLog copy() {
        var log = new HeldLog();
        entries.forEach(entry -> log.entries.add(entry.clone()));
        tiles.forEach(level -> log.tiles.add(new ArrayList<>(level)));
        heads.forEach(head -> log.heads.add(head.clone()));
        return log;
    }

    /// Works every stored hash out again.
    public HeldLog hashed() {
        tiles.clear();
        tiles.add(new ArrayList<>());
        var frontier = new Frontier();
        for (byte[] entry : entries) {
            Sha256 leaf = MerkleTree.leafHash(entry);
            tiles.getFirst().add(leaf);
            frontier.append(leaf, (level, index, hash) -> {
                while (tiles.size() <= level) tiles.add(new ArrayList<>());
                tiles.get(level).add(hash);
            });
        }
        return this;
    }

    /// Signs the head of the first `size` entries as they stand.
    public HeldLog signed(Signer signer, long size) {
        var frontier = new Frontier();
        for (byte[] entry : entries.subList(0, (int) size)) frontier.append(MerkleTree.leafHash(entry));
        heads.add(new Checkpoint(signer.verifier().name(), size, frontier.root())
                .sign(signer)
                .bytes());
        return this;
    }

    @Override
    public long size() {
        return entries.size();
    }

    @Override
    public List<byte[]> entries(long from, long to) {
        return List.copyOf(entries.subList((int) from, (int) Math.min(to, entries.size())));
    }

    @Override
    public int levels() {
        return tiles.size();
    }

    @Override
    public HashSource hashes() {
        return (level, from, to) -> {
            List<Sha256> row = tiles.get(level);
            return List.copyOf(row.subList((int) Math.min(from, row.size()), (int) Math.min(to, row.size())));
        };
    }

    @Override
    public List<byte[]> heads() {
        return List.copyOf(heads);
    }
}
