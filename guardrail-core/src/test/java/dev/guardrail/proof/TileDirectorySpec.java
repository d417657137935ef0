package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TileDirectorySpec {
    private static final String VKEY = SampleLog.SIGNER.verifier().vkey();

    private final TreeMap<String, byte[]> written = new TreeMap<>();
    private final TileFiles files = new TileFiles() {
        @Override
        public Optional<byte[]> read(String path) {
            return Optional.ofNullable(written.get(path)).map(byte[]::clone);
        }

        @Override
        public void write(String path, byte[] bytes) {
            written.put(path, bytes.clone());
        }
    };

    @Test
    void an_export_has_the_files_of_the_layout() throws IOException {
        var log = SampleLog.full(24).held();

        assertEquals(log.size(), export(log));

        var paths = new TreeSet<>(List.of(TileExport.CHECKPOINT, TileExport.VKEY));
        for (Tile tile : Tile.all(log.size())) {
            paths.add(tile.path());
            if (tile.level() == 0) paths.add(tile.entriesPath());
        }
        assertEquals(paths, written.navigableKeySet());
        assertTrue(paths.stream().anyMatch(path -> path.startsWith("tile/1/")), "two levels: " + paths);
        assertArrayEquals(log.heads.getFirst(), written.get("checkpoint"));
    }

    @Test
    void what_was_exported_reads_back_and_is_sound() throws IOException {
        var log = SampleLog.full(24).held();
        export(log);

        var read = TileDirectory.open(files);

        assertEquals(Optional.of(VKEY), read.claimedKey());
        assertEquals(2, read.levels());
        for (long[] range : new long[][] {{0, 1}, {250, 260}, {0, log.size()}, {600, log.size()}}) {
            var expected = log.entries(range[0], range[1]);
            var actual = read.entries(range[0], range[1]);
            assertEquals(expected.size(), actual.size());
            for (int i = 0; i < expected.size(); i++) assertArrayEquals(expected.get(i), actual.get(i));
        }
        var report = LogAudit.of(read, List.of(SampleLog.SIGNER.verifier()), Optional.empty(), count -> {});
        assertEquals(Optional.empty(), report.fault());
        assertEquals(log.size(), report.counts().signed());
    }

    /// Every bit of every file counts, or nobody reads it: the convenience key alone.
    @Test
    void a_flipped_bit_of_any_file_is_found() throws IOException {
        export(SampleLog.full(24).held());
        var paths = List.copyOf(written.keySet());
        for (long seed = 0; seed < 1_000; seed++) {
            var random = new SplittableRandom(seed);
            String path = paths.get(random.nextInt(paths.size()));
            byte[] sound = written.get(path);
            byte[] flipped = sound.clone();
            int bit = random.nextInt(8 * flipped.length);
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            written.put(path, flipped);

            assertEquals(path.equals(TileExport.VKEY), isSound(), path + " bit " + bit);
            written.put(path, sound);
        }
        assertTrue(isSound());
    }

    @Test
    void a_file_that_is_gone_is_found() throws IOException {
        export(SampleLog.full(24).held());
        for (String path : List.copyOf(written.keySet())) {
            byte[] sound = written.remove(path);
            assertEquals(path.equals(TileExport.VKEY), isSound(), path);
            written.put(path, sound);
        }
    }

    @Test
    void nothing_is_signed_over_what_the_log_does_not_hold() {
        var log = SampleLog.full(24).held();
        log.entries.removeLast();
        assertThrows(MalformedProof.class, () -> export(log));
        log.entries.add("{}".getBytes(UTF_8));
        assertThrows(MalformedProof.class, () -> export(log));
        assertTrue(!written.containsKey(TileExport.CHECKPOINT));
    }

    @Test
    void an_export_lies_in_a_directory(@TempDir Path root) throws IOException {
        var log = SampleLog.full(2).held();
        TileExport.write(log, log.heads.getFirst(), VKEY, TileFiles.in(root), count -> {});

        assertTrue(Files.exists(root.resolve("tile/entries/000.p/" + log.size())));
        assertEquals(
                Optional.empty(),
                LogAudit.of(TileDirectory.open(TileFiles.in(root))).fault());
        assertThrows(MalformedProof.class, () -> TileDirectory.open(TileFiles.in(root.resolve("tile"))));
    }

    private long export(HeldLog log) throws IOException {
        return TileExport.write(log, log.heads.getFirst(), VKEY, files, count -> {});
    }

    private boolean isSound() throws IOException {
        try {
            return LogAudit.of(TileDirectory.open(files)).isSound();
        } catch (MalformedProof headGone) {
            return false;
        }
    }
}
