package dev.guardrail.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Sha256;
import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Whatever is done to a log behind its back is found, and where it can be told, the very entry is named.
class TamperedLogLaws {
    private static final int CASES = 1_000;
    private static final long FIRST_HEAD = 100;

    private static HeldLog sound = new HeldLog();

    @BeforeAll
    static void soundLog() {
        var entries = SampleLog.full(24).entries.stream()
                .map(entry -> entry.line().bytes())
                .toList();
        sound = HeldLog.of(entries)
                .signed(SampleLog.SIGNER, FIRST_HEAD)
                .signed(SampleLog.SIGNER, 256)
                .signed(SampleLog.SIGNER, entries.size());
    }

    @Test
    void untouched_it_is_sound() throws IOException {
        assertTrue(sound.size() > 2 * 256, "tiles above the leaves are there");
        assertEquals(2, sound.levels());
        assertEquals(Optional.empty(), LogAudit.of(sound).fault());
        assertEquals(Optional.empty(), LogAudit.of(sound.copy()).fault());
    }

    @Test
    void a_flipped_bit_of_an_entry_names_that_entry() throws IOException {
        for (long seed = 0; seed < CASES; seed++) {
            var random = new SplittableRandom(seed);
            var log = sound.copy();
            int seq = random.nextInt(log.entries.size());
            flip(log.entries.get(seq), random);

            assertEquals(Optional.of((long) seq), LogAudit.of(log).fault().map(AuditReport.Fault::seq), "seed " + seed);
        }
    }

    @Test
    void a_flipped_bit_of_a_leaf_hash_names_its_entry() throws IOException {
        for (long seed = 0; seed < 300; seed++) {
            var random = new SplittableRandom(seed);
            var log = sound.copy();
            int seq = random.nextInt(log.entries.size());
            log.tiles.getFirst().set(seq, flipped(log.tiles.getFirst().get(seq), random));

            assertEquals(Optional.of((long) seq), LogAudit.of(log).fault().map(AuditReport.Fault::seq), "seed " + seed);
        }
    }

    @Test
    void a_flipped_bit_of_a_hash_above_names_its_entries() throws IOException {
        for (long seed = 0; seed < 200; seed++) {
            var random = new SplittableRandom(seed);
            var log = sound.copy();
            int index = random.nextInt(log.tiles.get(1).size());
            log.tiles.get(1).set(index, flipped(log.tiles.get(1).get(index), random));

            var fault = LogAudit.of(log).fault().orElseThrow();
            assertEquals("other-tile", fault.word());
            assertEquals(256L * index, fault.seq(), "seed " + seed);
        }
    }

    @Test
    void any_flipped_bit_of_a_head_is_found() throws IOException {
        int bits = 8 * sound.heads.get(1).length;
        for (int bit = 0; bit < bits; bit++) {
            var log = sound.copy();
            log.heads.get(1)[bit / 8] ^= (byte) (1 << bit % 8);

            assertTrue(LogAudit.of(log).fault().isPresent(), "bit " + bit);
        }
    }

    /// What somebody can do who writes everything but has not the key: every stored hash is worked out again.
    private enum Tampering {
        CUT,
        REMOVE,
        SWAP,
        DUPLICATE,
        INSERT,
        REPLACE
    }

    @Test
    void what_nobody_signed_is_found_though_every_hash_was_worked_out_again() throws IOException {
        Map<Tampering, Integer> done = new EnumMap<>(Tampering.class);
        for (long seed = 0; seed < CASES; seed++) {
            var random = new SplittableRandom(seed);
            var log = sound.copy();
            var tampering = Tampering.values()[random.nextInt(Tampering.values().length)];
            int seq = 1 + random.nextInt(log.entries.size() - 2);
            tamper(log.entries, tampering, seq, random);
            done.merge(tampering, 1, Integer::sum);

            var fault = LogAudit.of(log.hashed()).fault();

            assertTrue(fault.isPresent(), tampering + " at " + seq + ", seed " + seed);
            long vouched = seq < FIRST_HEAD ? 0 : seq < 256 ? FIRST_HEAD : 256;
            assertTrue(fault.get().seq() >= vouched, tampering + " at " + seq + ": " + fault);
        }
        for (var tampering : Tampering.values()) assertTrue(done.getOrDefault(tampering, 0) >= 100, done.toString());
    }

    private static void tamper(List<byte[]> entries, Tampering tampering, int seq, SplittableRandom random) {
        switch (tampering) {
            case CUT -> entries.subList(seq, entries.size()).clear();
            case REMOVE -> entries.remove(seq);
            case SWAP -> Collections.swap(entries, seq, seq + 1);
            case DUPLICATE -> entries.add(seq, entries.get(seq));
            case INSERT -> entries.add(seq, entries.get(random.nextInt(entries.size())));
            case REPLACE -> {
                byte[] other = entries.get(random.nextInt(entries.size()));
                while (other == entries.get(seq)) other = entries.get(random.nextInt(entries.size()));
                entries.set(seq, other);
            }
        }
    }

    @Test
    void the_same_done_with_a_key_of_ones_own_is_found_by_whoever_knows_the_key() throws IOException {
        for (long seed = 0; seed < 50; seed++) {
            var random = new SplittableRandom(seed);
            var forged = new ArrayList<>(sound.entries);
            tamper(forged, Tampering.REMOVE, 5 + random.nextInt(forged.size() - 6), random);
            var log = HeldLog.of(forged).signed(SampleLog.NEXT, forged.size());
            log.heads.addFirst(sound.heads.getFirst());

            var fault = LogAudit.of(log, List.of(SampleLog.SIGNER.verifier()), Optional.empty(), read -> {})
                    .fault();

            assertTrue(fault.isPresent(), "seed " + seed);
        }
    }

    private static void flip(byte[] bytes, SplittableRandom random) {
        int bit = random.nextInt(8 * bytes.length);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
    }

    private static Sha256 flipped(Sha256 hash, SplittableRandom random) {
        byte[] bytes = hash.bytes();
        flip(bytes, random);
        return Sha256.wrap(bytes);
    }
}
