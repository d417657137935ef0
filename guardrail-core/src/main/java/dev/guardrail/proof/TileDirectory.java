package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A log that lies as static files (c2sp.org/tlog-tiles), as far as its head says. Used by one thread at a time.
public final class TileDirectory implements LogSource {
    private static final int HASH_BYTES = 32;

    private final TileFiles files;
    private final byte[] head;
    private final long size;

    /// @param head signed note of the log's head
    /// @throws MalformedProof where the head is none
    TileDirectory(TileFiles files, byte[] head) {
        this.files = files;
        this.head = head.clone();
        this.size = Checkpoint.parse(SignedNote.parse(head).text()).size();
    }

    /// Opens what [TileExport] or another log's writer left.
    ///
    /// @throws MalformedProof where there is no head, or it is none
    public static TileDirectory open(TileFiles files) throws IOException {
        byte[] head = files.read(TileExport.CHECKPOINT)
                .orElseThrow(() -> new MalformedProof("there is no `" + TileExport.CHECKPOINT + "` among the files"));
        return new TileDirectory(files, head);
    }

    /// The key that lies beside the files. It says what the log claims; what is trusted comes from elsewhere.
    public Optional<String> claimedKey() throws IOException {
        return files.read(TileExport.VKEY).map(bytes -> new String(bytes, UTF_8).strip());
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public List<byte[]> entries(long from, long to) throws IOException {
        var entries = new ArrayList<byte[]>();
        while (from + entries.size() < to) {
            long next = from + entries.size();
            var tile = tile(0, next >> Tile.HEIGHT);
            List<byte[]> bundle = bundle(tile);
            int first = (int) (next - tile.from());
            int last = (int) Math.min(bundle.size(), to - tile.from());
            if (first >= last) break;
            entries.addAll(bundle.subList(first, last));
            if (bundle.size() < tile.width()) break;
        }
        return entries;
    }

    /// The entries of a bundle, as far as they can be told apart.
    private List<byte[]> bundle(Tile tile) throws IOException {
        var entries = new ArrayList<byte[]>();
        var file = files.read(tile.entriesPath());
        if (file.isEmpty()) return entries;
        var rest = ByteBuffer.wrap(file.get());
        while (entries.size() < tile.width() && rest.remaining() >= Short.BYTES) {
            int length = Short.toUnsignedInt(rest.getShort());
            if (length > rest.remaining()) break;
            byte[] entry = new byte[length];
            rest.get(entry);
            entries.add(entry);
        }
        return entries;
    }

    @Override
    public int levels() {
        int levels = 0;
        for (long left = size; left > 0; left >>= Tile.HEIGHT) levels++;
        return levels;
    }

    @Override
    public HashSource hashes() {
        return (level, from, to) -> {
            var tile = tile(level, from >> Tile.HEIGHT);
            byte[] bytes = files.read(tile.path()).orElse(new byte[0]);
            var hashes = new ArrayList<Sha256>();
            for (long at = from - tile.from(); at < to - tile.from(); at++) {
                int start = (int) at * HASH_BYTES;
                if (start + HASH_BYTES > bytes.length) break;
                hashes.add(Sha256.wrap(java.util.Arrays.copyOfRange(bytes, start, start + HASH_BYTES)));
            }
            return hashes;
        };
    }

    @Override
    public List<byte[]> heads() {
        return List.of(head.clone());
    }

    /// The tile as it is in a log of this size: full, or the last of its level.
    private Tile tile(int level, long index) {
        long hashes = size >> (level * Tile.HEIGHT);
        long left = hashes - (index << Tile.HEIGHT);
        return new Tile(level, index, (int) Math.clamp(left, 1, Tile.WIDTH));
    }
}
