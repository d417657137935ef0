package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.base.Sha256;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TileSpec {

    @ParameterizedTest
    @CsvSource({
        "0, 0, 256, tile/0/000",
        "0, 67, 256, tile/0/067",
        "0, 999, 1, tile/0/999.p/1",
        "0, 1000, 256, tile/0/x001/000",
        "1, 1234067, 256, tile/1/x001/x234/067",
        "0, 273, 112, tile/0/273.p/112",
        "63, 0, 255, tile/63/000.p/255",
        "0, 9223372036854775807, 256, tile/0/x009/x223/x372/x036/x854/x775/807"
    })
    void a_path_names_one_tile(int level, long index, int width, String path) {
        var tile = new Tile(level, index, width);

        assertEquals(path, tile.path());
        assertEquals(tile, Tile.parse(path));
        assertEquals(path.replaceFirst("tile/[0-9]+/", "tile/entries/"), tile.entriesPath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile",
                "tile/0",
                "tile/0/",
                "tile/0/0",
                "tile/0/00",
                "tile/0/0000",
                "tile/00/000",
                "tile/-1/000",
                "tile/64/000",
                "tile/0/x000/000",
                "tile/0/001/000",
                "tile/0/x001/x000",
                "tile/0/000.p/0",
                "tile/0/000.p/256",
                "tile/0/000.p/01",
                "tile/0/000.p/",
                "tile/0/000.p",
                "/tile/0/000",
                "tile/0/000/",
                "tile/0/../000",
                "tile/0/x009/x223/x372/x036/x854/x775/808",
                "tile/0/\u0660\u0660\u0660",
                "tile/entries/000"
            })
    void other_paths_are_refused(String path) {
        assertThrows(MalformedProof.class, () -> Tile.parse(path));
    }

    /// The example of c2sp.org/tlog-tiles.
    @Test
    void a_tree_is_laid_out_in_full_and_partial_tiles() {
        var tiles = Tile.all(70_000);

        assertEquals(273 + 1 + 1 + 1 + 1, tiles.size());
        assertEquals(new Tile(0, 272, 256), tiles.get(272));
        assertEquals(
                List.of(new Tile(0, 273, 112), new Tile(1, 0, 256), new Tile(1, 1, 17), new Tile(2, 0, 1)),
                tiles.subList(273, 277));
        assertEquals(List.of(new Tile(0, 0, 256), new Tile(1, 0, 1)), Tile.all(256));
        assertEquals(List.of(), Tile.all(0));
        assertEquals(256, new Tile(0, 1, 3).from());
        assertEquals(259, new Tile(0, 1, 3).to());
    }

    @Test
    void hashes_are_read_back_from_a_tile() {
        var hashes = IntStream.range(0, 3)
                .mapToObj(i -> Sha256.of(new byte[] {(byte) i}))
                .toList();

        byte[] bytes = Tile.encode(hashes);

        assertEquals(96, bytes.length);
        assertEquals(hashes, new Tile(0, 0, 3).decode(bytes));
        assertThrows(MalformedProof.class, () -> new Tile(0, 0, 2).decode(bytes));
        assertThrows(MalformedProof.class, () -> new Tile(0, 0, 4).decode(bytes));
    }

    @Test
    void tiles_have_1_to_256_hashes() {
        assertThrows(IllegalArgumentException.class, () -> new Tile(0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Tile(0, 0, 257));
        assertThrows(IllegalArgumentException.class, () -> new Tile(0, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Tile(64, 0, 1));
    }

    @Test
    void entries_are_read_back_from_a_bundle() {
        var entries = List.of(new byte[0], "one".getBytes(UTF_8), new byte[65_535]);

        byte[] bundle = EntryBundle.encode(entries);

        assertEquals(2 + 2 + 3 + 2 + 65_535, bundle.length);
        assertArrayEquals(new byte[] {0, 0, 0, 3, 'o', 'n', 'e', -1, -1}, java.util.Arrays.copyOf(bundle, 9));
        var read = EntryBundle.decode(bundle);
        assertEquals(3, read.size());
        for (int i = 0; i < 3; i++) assertArrayEquals(entries.get(i), read.get(i));
    }

    @Test
    void a_cut_bundle_and_an_oversize_entry_are_refused() {
        byte[] bundle = EntryBundle.encode(List.of("one".getBytes(UTF_8)));

        for (int cut = 1; cut < bundle.length; cut++) {
            byte[] shorter = java.util.Arrays.copyOf(bundle, cut);
            assertThrows(MalformedProof.class, () -> EntryBundle.decode(shorter));
        }
        assertEquals(List.of(), EntryBundle.decode(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> EntryBundle.encode(List.of(new byte[65_536])));
    }
}
