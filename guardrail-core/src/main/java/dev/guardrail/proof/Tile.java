package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One tile of a log (c2sp.org/tlog-tiles): up to 256 neighbouring hashes of one level, kept as a file of its own.
///
/// @param level 0 for leaf hashes; a hash of level `l` covers `256^l` leaves
/// @param index of the tile in its level
/// @param width number of hashes, 1 to 256; a tile of fewer is partial
public record Tile(int level, long index, int width) {
    /// Tree levels that a tile covers.
    public static final int HEIGHT = 8;

    /// Hashes of a full tile.
    public static final int WIDTH = 1 << HEIGHT;

    private static final int HASH_BYTES = 32;
    private static final int MAX_LEVEL = 63;
    private static final Pattern PATH =
            Pattern.compile("tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    public Tile {
        if (level < 0 || level > MAX_LEVEL || index < 0 || width < 1 || width > WIDTH)
            throw new IllegalArgumentException("no tile " + index + " of width " + width + " at level " + level);
    }

    /// Every tile of a tree, full and partial, lowest level first.
    public static List<Tile> all(long size) {
        var tiles = new ArrayList<Tile>();
        long hashes = size;
        for (int level = 0; hashes > 0; level++, hashes >>= HEIGHT) {
            long full = hashes >> HEIGHT;
            for (long index = 0; index < full; index++) tiles.add(new Tile(level, index, WIDTH));
            int rest = (int) (hashes & (WIDTH - 1));
            if (rest > 0) tiles.add(new Tile(level, full, rest));
        }
        return tiles;
    }

    /// Index of the first hash in its level.
    public long from() {
        return index << HEIGHT;
    }

    /// Index after the last hash in its level.
    public long to() {
        return from() + width;
    }

    /// Relative path, such as `tile/0/x001/067` or `tile/1/000.p/17`.
    public String path() {
        return "tile/" + level + "/" + indexPath();
    }

    /// Relative path of the entries under a tile of level 0, such as `tile/entries/x001/067`.
    public String entriesPath() {
        return "tile/entries/" + indexPath();
    }

    /// Reads a path.
    ///
    /// @throws MalformedProof where `path` is not exactly what [#path] gives for some tile
    public static Tile parse(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) throw new MalformedProof("`" + path + "` is not the path of a tile");
        String width = matcher.group(3);
        try {
            long index = Long.parseLong(matcher.group(2).replace("x", "").replace("/", ""));
            var tile = new Tile(
                    Integer.parseInt(matcher.group(1)), index, width == null ? WIDTH : Integer.parseInt(width));
            if (tile.path().equals(path)) return tile;
        } catch (IllegalArgumentException outOfRange) {
            throw new MalformedProof("`" + path + "` is not the path of a tile", outOfRange);
        }
        throw new MalformedProof("`" + path + "` is not the path of a tile");
    }

    /// The hashes one after the other, 32 bytes each.
    public static byte[] encode(List<Sha256> hashes) {
        byte[] bytes = new byte[hashes.size() * HASH_BYTES];
        for (int i = 0; i < hashes.size(); i++)
            System.arraycopy(hashes.get(i).bytes(), 0, bytes, i * HASH_BYTES, HASH_BYTES);
        return bytes;
    }

    /// Hashes of this tile from its file.
    ///
    /// @throws MalformedProof where there are not exactly `width` hashes
    public List<Sha256> decode(byte[] bytes) {
        if (bytes.length != width * HASH_BYTES)
            throw new MalformedProof("`" + path() + "` has " + bytes.length + " bytes");
        var hashes = new ArrayList<Sha256>(width);
        for (int i = 0; i < bytes.length; i += HASH_BYTES)
            hashes.add(Sha256.wrap(java.util.Arrays.copyOfRange(bytes, i, i + HASH_BYTES)));
        return hashes;
    }

    private String indexPath() {
        var path = new StringBuilder("%03d".formatted(index % 1000));
        for (long rest = index / 1000; rest > 0; rest /= 1000) path.insert(0, "x%03d/".formatted(rest % 1000));
        if (width < WIDTH) path.append(".p/").append(width);
        return path.toString();
    }
}
