package dev.guardrail.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Run;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Heads;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Notary;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.proof.AuditReport;
import dev.guardrail.proof.Ed25519Signer;
import dev.guardrail.proof.LeafHashes;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.testing.MemoryHeads;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.RuleDraft;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqliteLogSpec {
    private static final Ed25519Signer SIGNER = Ed25519Signer.of("example.com/log", new byte[32]);

    @TempDir
    private Path root;

    @Test
    void hashes_above_the_leaves_are_stored_as_they_complete() throws Exception {
        long size = 0;
        for (int round = 0; round < 3; round++) {
            try (var store = SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime)) {
                for (int batch = 0; batch < 44; batch++) size = append(store, 509);
                var fromLeaves = new MerkleTree(new LeafHashes(store::leaves), size);
                var fromStored = new MerkleTree(store.hashes(), size);
                assertEquals(fromLeaves.root(), fromStored.root());
                assertEquals(fromLeaves.inclusion(1_000), fromStored.inclusion(1_000));
                assertEquals(fromLeaves.consistency(777), fromStored.consistency(777));
                assertEquals(size >> 8, store.hashes().read(1, 0, size).size());
            }
        }
        assertTrue(size > 65_536, "the second level is there");
        try (var log = SqliteLog.open(root, Optional.empty())) {
            assertEquals(3, log.levels());
            assertEquals(Optional.empty(), LogAudit.of(log).fault());
        }
    }

    @Test
    void a_guard_leaves_a_log_that_is_sound_while_it_goes_on() throws Exception {
        var heads = new MemoryHeads();
        try (var store = SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime);
                var rig = rig(store)) {
            live(rig, heads);
            var report = audit(heads);
            assertEquals(Optional.empty(), report.fault());
            assertTrue(report.counts().bodies() > 3);
            assertEquals(report.counts().entries(), report.counts().signed());
        }
        assertEquals(Optional.empty(), audit(heads).fault());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE entry SET bytes = cast(replace(bytes, 'coder', 'codex') AS BLOB) WHERE seq = 4 | other-hash | 4",
                "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 4 | other-hash | 4",
                "UPDATE entry SET call = 'call_other' WHERE seq = 4 | other-terms | 4",
                "UPDATE entry SET agent = NULL WHERE seq = 4 | other-terms | 4",
                "UPDATE entry SET at = at + 1 WHERE seq = 4 | other-terms | 4",
                "DELETE FROM entry WHERE seq = 4 | missing | 4",
                "DELETE FROM entry WHERE seq >= 4 | cut-off | 4",
                "UPDATE checkpoint SET note = cast(replace(note, 'example', 'exemple') AS BLOB) | bad-signature | 0",
                "UPDATE document SET value = cast(replace(value, 'succeeded', 'failed') AS BLOB) WHERE kind = 'call' | other-status | -1",
                "UPDATE document SET state = 'failed' WHERE kind = 'call' | other-status | -1",
                "DELETE FROM document WHERE kind = 'call' | other-status | -1",
                "UPDATE body SET sealed = zeroblob(100) WHERE id LIKE '%/arguments' | other-body | -1"
            })
    void what_is_done_to_the_file_is_found(String tampering, String word, long seq) throws Exception {
        var heads = new MemoryHeads();
        try (var store = SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime);
                var rig = rig(store)) {
            live(rig, heads);
        }
        assertEquals(Optional.empty(), audit(heads).fault());

        execute(tampering.strip());

        var fault = audit(heads).fault().orElseThrow();
        assertEquals(word, fault.word(), fault.sentence());
        if (seq >= 0) assertEquals(seq, fault.seq(), fault.sentence());
    }

    @Test
    void a_cut_log_whose_own_head_was_set_back_is_found_by_the_head_kept_elsewhere() throws Exception {
        var heads = new MemoryHeads();
        byte[] early;
        try (var store = SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime);
                var rig = rig(store)) {
            early = live(rig, heads);
        }
        execute("DELETE FROM document");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + root.resolve("journal.db"));
                var update = connection.prepareStatement("UPDATE checkpoint SET size = 1, note = ?")) {
            update.setBytes(1, early);
            update.executeUpdate();
        }
        execute("DELETE FROM entry WHERE seq > 0");

        try (var log = SqliteLog.open(root, Optional.empty())) {
            assertEquals(Optional.empty(), LogAudit.of(log).fault(), "nobody who knows but the file can tell");
        }
        try (var log = SqliteLog.open(root, heads.last())) {
            assertEquals(Optional.of("cut-off"), LogAudit.of(log).fault().map(AuditReport.Fault::word));
        }
    }

    @Test
    void a_file_takes_the_name_of_another_log() throws Exception {
        SqliteStore.open(root, System::nanoTime).close();
        Backup.rename(root.resolve("journal.db"), new LogId("a-2"));

        try (var store = SqliteStore.open(root, System::nanoTime)) {
            assertEquals(new LogId("a-2"), store.log());
        }
        assertThrows(UnusableData.class, () -> SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime));
    }

    @Test
    void no_journal_is_no_log() {
        assertThrows(UnusableData.class, () -> SqliteLog.open(root, Optional.empty()));
    }

    private AuditReport audit(Heads heads) throws IOException {
        try (var log = SqliteLog.open(root, heads.last())) {
            return LogAudit.of(
                    log,
                    List.of(SIGNER.verifier()),
                    Optional.of(log.projections(new AesSeal(new byte[32], new SecureRandom()))),
                    read -> {});
        }
    }

    private void execute(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + root.resolve("journal.db"));
                var statement = connection.createStatement()) {
            assertTrue(statement.executeUpdate(sql) > 0, sql);
        }
    }

    private static Rig rig(SqliteStore store) {
        return new Rig(store)
                .tool("free.read")
                .tool("held.send")
                .rules(
                        RuleDraft.allow("free").on("free.*").rule(),
                        RuleDraft.hold("people").on("held.*").rule());
    }

    /// @return the head after the first entry
    private static byte[] live(Rig rig, Heads heads) {
        var notary = Notary.open(rig.journal, heads, SIGNER);
        byte[] first = notary.sign().bytes();
        for (int i = 0; i < 3; i++)
            rig.propose("free.read", JsonObject.builder().with("n", i).build());
        var held = (Reply.Held) rig.propose(
                rig.proposal(Rig.CODER, "held.send", JsonObject.with("to", "a").build(), Run.GUARD, Optional.empty()));
        rig.approve(Rig.BOB, held);
        rig.execute(held.call().id());
        notary.sign();
        return first;
    }

    private static long append(SqliteStore store, int count) throws Exception {
        var lines = new ArrayList<Batch.Line>();
        for (int i = 0; i < count; i++)
            lines.add(new Entry.PackActivated(
                            Instant.ofEpochMilli(1_700_000_000_000L), Sha256.of(new byte[] {(byte) i}), i)
                    .line());
        store.commit(new Batch(lines, List.of(), List.of()));
        return store.size();
    }
}
