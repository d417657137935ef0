package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/// Writes a log as static files (c2sp.org/tlog-tiles): entry bundles, hash tiles of every level, and the signed head
/// last, so that whoever finds the head finds everything under it. Beside them lies `log.vkey`, for convenience and not
/// for trust.
public final class TileExport {
    /// Where the signed head lies.
    public static final String CHECKPOINT = "checkpoint";

    /// Where the verifier key lies.
    public static final String VKEY = "log.vkey";

    private final TileFiles files;
    private final List<List<Sha256>> rows = new ArrayList<>();
    private final List<Long> tiles = new ArrayList<>();

    private TileExport(TileFiles files) {
        this.files = files;
    }

    /// Exports all that a head covers.
    ///
    /// @param head signed note of the log's head
    /// @param vkey of the key that signed it
    /// @param progress told the number of entries written so far, now and then
    /// @return number of entries
    /// @throws MalformedProof where the head is none, or the log does not hold what it says; it is not written then
    /// @throws IOException if the log cannot be read or the files cannot be written
    public static long write(LogSource source, byte[] head, String vkey, TileFiles files, LongConsumer progress)
            throws IOException {
        var checkpoint = Checkpoint.parse(SignedNote.parse(head).text());
        var export = new TileExport(files);
        for (long from = 0; from < checkpoint.size(); from += Tile.WIDTH) {
            long to = Math.min(checkpoint.size(), from + Tile.WIDTH);
            List<byte[]> entries = source.entries(from, to);
            if (entries.size() < to - from)
                throw new MalformedProof("the log lacks entry " + (from + entries.size()) + ", which its head covers");
            files.write(new Tile(0, from >> Tile.HEIGHT, entries.size()).entriesPath(), EntryBundle.encode(entries));
            for (byte[] entry : entries) export.push(0, MerkleTree.leafHash(entry));
            progress.accept(to);
        }
        export.flush();
        var stored = new TileDirectory(files, head).hashes();
        if (!new MerkleTree(stored, checkpoint.size()).root().equals(checkpoint.root()))
            throw new MalformedProof("the log does not hold what its head says");
        files.write(VKEY, (vkey + "\n").getBytes(UTF_8));
        files.write(CHECKPOINT, head);
        return checkpoint.size();
    }

    private void push(int level, Sha256 hash) throws IOException {
        if (rows.size() == level) {
            rows.add(new ArrayList<>());
            tiles.add(0L);
        }
        List<Sha256> row = rows.get(level);
        row.add(hash);
        if (row.size() < Tile.WIDTH) return;
        write(level, row);
        push(level + 1, MerkleTree.fold(row));
        row.clear();
        tiles.set(level, tiles.get(level) + 1);
    }

    /// Writes the tiles that are not full.
    private void flush() throws IOException {
        for (int level = 0; level < rows.size(); level++) if (!rows.get(level).isEmpty()) write(level, rows.get(level));
    }

    private void write(int level, List<Sha256> row) throws IOException {
        files.write(new Tile(level, tiles.get(level), row.size()).path(), Tile.encode(row));
    }
}
