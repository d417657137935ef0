package dev.guardrail.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.proof.Appointment;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.Ed25519Signer;
import dev.guardrail.proof.SignedNote;
import dev.guardrail.testing.MemoryHeads;
import dev.guardrail.testing.MemoryStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NotarySpec {
    private static final String ORIGIN = "example.com/log/a";
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final Ed25519Signer signer = Ed25519Signer.of(ORIGIN, new byte[32]);
    private final Ed25519Signer next = Ed25519Signer.of(ORIGIN, seed(1));
    private final MemoryHeads heads = new MemoryHeads();

    @Test
    void the_first_entry_of_a_log_names_its_key() throws IOException {
        var store = new MemoryStore();

        Notary.open(journal(store), heads, signer);

        assertEquals(Optional.of(signer.verifier().vkey()), entry(store, 0).text("vkey"));
        assertEquals(1, store.size());
        Notary.open(journal(store), heads, signer);
        assertEquals(1, store.size(), "an old log has its key");
    }

    @Test
    void a_head_is_kept_in_the_store_and_beside_it_before_it_is_seen() throws IOException {
        var store = new MemoryStore();
        var notary = Notary.open(journal(store), heads, signer);
        append(store, 4);

        SignedNote note = notary.sign();

        var head = Checkpoint.open(note.bytes(), ORIGIN, List.of(signer.verifier()))
                .orElseThrow();
        assertEquals(5, head.size());
        assertArrayEquals(note.bytes(), store.checkpoint().orElseThrow());
        assertArrayEquals(note.bytes(), heads.last().orElseThrow());
        assertEquals(note, notary.sign(), "one head for one size");
        assertEquals(5, notary.signedSize());
    }

    @Test
    void nothing_is_shown_where_it_cannot_be_kept() {
        var store = new MemoryStore();
        var notary = Notary.open(journal(store), heads, signer);
        store.breakDown(MemoryStore.Fault.REFUSED);

        assertThrows(JournalUnavailable.class, notary::sign);
        assertEquals(Optional.empty(), notary.latest());

        store.mend();
        assertEquals(Optional.of(notary.sign()), notary.latest());
    }

    @Test
    void another_key_takes_no_office() {
        var store = new MemoryStore();
        Notary.open(journal(store), heads, signer).sign();

        assertThrows(HeadRefused.class, () -> Notary.open(journal(store), heads, next));
    }

    @Test
    void an_older_state_in_place_of_the_log_is_noticed() throws IOException {
        var old = new MemoryStore();
        Notary.open(journal(old), heads, signer).sign();
        var later = new MemoryStore();
        var laterHeads = new MemoryHeads();
        var notary = Notary.open(journal(later), laterHeads, signer);
        append(later, 3);
        notary.sign();

        var refused = assertThrows(HeadRefused.class, () -> Notary.open(journal(old), laterHeads, signer));

        assertTrue(refused.getMessage().contains("--acknowledge-gap"), refused.getMessage());
        Notary.open(journal(later), laterHeads, signer);
    }

    @Test
    void a_changed_past_is_noticed() {
        var store = new MemoryStore();
        var notary = Notary.open(journal(store), heads, signer);
        append(store, 3);
        notary.sign();
        var other = new MemoryStore();
        Notary.open(journal(other), new MemoryHeads(), signer);
        append(other, 2);
        append(other, 5);

        assertThrows(HeadRefused.class, () -> Notary.open(journal(other), heads, signer));
    }

    @Test
    void a_damaged_or_foreign_head_is_noticed() throws IOException {
        var store = new MemoryStore();
        var notary = Notary.open(journal(store), heads, signer);
        byte[] note = notary.sign().bytes();
        var stranger = Ed25519Signer.of("example.com/other", seed(2));

        heads.keep("nonsense".getBytes(StandardCharsets.UTF_8));
        assertThrows(HeadRefused.class, () -> Notary.open(journal(store), heads, signer));
        heads.keep(new Checkpoint("example.com/other", 1, Sha256.of(new byte[0]))
                .sign(stranger)
                .bytes());
        assertThrows(HeadRefused.class, () -> Notary.open(journal(store), heads, signer));
        heads.keep(note);
        Notary.open(journal(store), heads, signer);
    }

    @Test
    void a_key_is_followed_by_one_that_it_appoints() throws IOException {
        var store = new MemoryStore();
        var notary = Notary.open(journal(store), heads, signer);
        notary.sign();

        SignedNote note = notary.rotate(next);

        byte[] appointment = entry(store, 1).text("appointment").orElseThrow().getBytes(StandardCharsets.UTF_8);
        assertEquals(
                Optional.of(Appointment.of(next.verifier())),
                Appointment.open(appointment, List.of(signer.verifier())));
        assertEquals(Optional.empty(), Appointment.open(appointment, List.of(next.verifier())));
        for (var key : List.of(signer, next))
            assertTrue(Checkpoint.open(note.bytes(), ORIGIN, List.of(key.verifier()))
                    .isPresent());
        append(store, 2);
        SignedNote later = notary.sign();
        assertTrue(later.open(List.of(next.verifier())).isPresent());
        assertTrue(later.open(List.of(signer.verifier())).isEmpty());
        Notary.open(journal(store), heads, next);
        assertThrows(HeadRefused.class, () -> Notary.open(journal(store), heads, signer));
    }

    @Test
    void a_crash_between_the_entry_of_a_key_and_its_first_head_is_survived() throws IOException {
        var store = new MemoryStore();
        var notary = Notary.open(journal(store), heads, signer);
        byte[] before = notary.sign().bytes();
        notary.rotate(next);
        heads.keep(before);

        var reopened = Notary.open(journal(store), heads, next);

        assertEquals(2, reopened.signedSize());
    }

    @Test
    void a_log_that_lost_entries_goes_on_under_another_origin() throws IOException {
        var lostStore = new MemoryStore();
        var lostNotary = Notary.open(journal(lostStore), heads, signer);
        append(lostStore, 9);
        byte[] lost = lostNotary.sign().bytes();
        var restored = new MemoryStore();
        Notary.open(journal(restored), new MemoryHeads(), signer);
        append(restored, 3);
        var heir = Ed25519Signer.of("example.com/log/a-2", seed(3));

        var notary = Notary.succeed(
                journal(restored), heads, Optional.of(lost), Optional.of(signer), heir, "ann", "disk died");

        var gap = entry(restored, 4);
        assertEquals(Optional.of("4"), gap.text("from"));
        assertEquals(Optional.of("10"), gap.text("to"));
        assertEquals(Optional.of(new String(lost, StandardCharsets.UTF_8)), gap.text("head"));
        assertEquals(Optional.of(heir.verifier().vkey()), entry(restored, 5).text("vkey"));
        Notary.open(journal(restored), heads, heir);
        notary.sign();
        Notary.open(journal(restored), heads, heir);
        assertEquals(
                6,
                Checkpoint.open(heads.last().orElseThrow(), "example.com/log/a-2", List.of(heir.verifier()))
                        .orElseThrow()
                        .size());
    }

    private static Journal journal(Store store) {
        return new Journal(store, new AesSeal(new byte[32], new SecureRandom()), () -> NOW, () -> 0);
    }

    private static void append(Store store, int count) {
        for (int i = 0; i < count; i++) {
            try {
                journal(store).commit(new Draft().entry(new Entry.PackActivated(NOW, Sha256.of(new byte[] {1}), i)));
            } catch (StoreConflict impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    private static JsonObject entry(Store store, long seq) throws IOException {
        return (JsonObject) StrictJson.parse(store.read(seq, seq + 1).getFirst());
    }

    private static byte[] seed(int n) {
        byte[] seed = new byte[32];
        seed[0] = (byte) n;
        return seed;
    }
}
