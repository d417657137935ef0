package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.TicketState;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.Run;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.HeadRefused;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Notary;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.store.SqliteStore;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.KeyFiles;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.RuleDraft;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LogCommandsSpec {
    private static final byte[] BODY_KEY = new byte[32];

    @TempDir
    private Path root;

    private Path data;
    private KeyFiles keys;

    /// What a command said and how it ended.
    private record Said(int exit, String out, String err) {
        JsonObject json() {
            return (JsonObject) StrictJson.parse(out.strip().getBytes(StandardCharsets.UTF_8));
        }
    }

    @BeforeEach
    void freshData() throws IOException {
        data = Files.createDirectory(
                root.resolve("data"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(data.resolve("body.key"), "00".repeat(32) + "\n");
        Files.setPosixFilePermissions(data.resolve("body.key"), PosixFilePermissions.fromString("rw-------"));
        keys = new KeyFiles(data, Optional.empty(), new SecureRandom());
    }

    @Test
    void a_log_is_verified_where_it_lies_whether_it_is_in_use_or_not() throws Exception {
        lived(2, rig -> {
            Said running = run(new Verify(), "--data", data.toString());
            assertEquals(0, running.exit(), running.out() + running.err());
        });

        Said said = run(new Verify(), "--data", data.toString());
        assertEquals(0, said.exit(), said.out() + said.err());
        assertTrue(said.out().startsWith("Sound: "), said.out());
        var json = run(new Verify(), "--data", data.toString(), "--json").json();
        assertTrue(json.isTrue("sound"));
        assertEquals(json.integer("entries"), json.integer("signed"));
        assertTrue(json.integer("bodies").getAsLong() > 0);
        assertEquals(
                0,
                run(new Verify(), "--data", data.toString(), "--vkey", vkey()).exit());
    }

    @Test
    void the_first_bad_entry_is_named_with_exit_4() throws Exception {
        lived(2, rig -> {});
        sql("UPDATE entry SET bytes = cast(replace(bytes, 'coder', 'codex') AS BLOB) WHERE seq = 3");

        Said said = run(new Verify(), "--data", data.toString());
        assertEquals(4, said.exit(), said.out() + said.err());
        assertTrue(said.out().contains("entry 3 "), said.out());
        var fault = run(new Verify(), "--data", data.toString(), "--json")
                .json()
                .object("fault")
                .orElseThrow();
        assertEquals(3, fault.integer("seq").getAsLong());
        assertEquals(Optional.of("other-hash"), fault.text("word"));
    }

    @Test
    void nothing_to_verify_is_exit_2() {
        assertEquals(2, run(new Verify(), "--data", data.toString()).exit());
        assertEquals(2, run(new Verify(), "--export", root.toString()).exit());
        assertEquals(
                2, run(new Verify(), "--data", data.toString(), "--vkey", "a+b").exit());
    }

    @Test
    void an_export_is_verified_with_nothing_but_the_key() throws Exception {
        lived(3, rig -> {});
        Path export = root.resolve("export");
        assertEquals(
                0,
                run(new Export(), export.toString(), "--data", data.toString()).exit());

        Said said = run(new Verify(), "--export", export.toString(), "--vkey", vkey());
        assertEquals(0, said.exit(), said.out() + said.err());
        assertEquals(
                0,
                run(
                                new Verify(),
                                "--export",
                                export.toString(),
                                "--vkey",
                                export.resolve("log.vkey").toString())
                        .exit());
        String stranger = keys.prepare("guardrail/stranger").verifier().vkey();
        assertEquals(
                4,
                run(new Verify(), "--export", export.toString(), "--vkey", stranger)
                        .exit());
        Path bundle =
                Files.list(export.resolve("tile/entries/000.p")).findFirst().orElseThrow();
        byte[] bytes = Files.readAllBytes(bundle);
        bytes[bytes.length - 3] ^= 1;
        Files.write(bundle, bytes);
        assertEquals(
                4,
                run(new Verify(), "--export", export.toString(), "--vkey", vkey())
                        .exit());
    }

    @Test
    void a_log_that_is_not_sound_is_not_exported() throws Exception {
        lived(1, rig -> {});
        sql("UPDATE entry SET at = at + 1 WHERE seq = 2");

        Said said = run(new Export(), root.resolve("export").toString(), "--data", data.toString());
        assertEquals(2, said.exit(), said.out());
        assertFalse(Files.exists(root.resolve("export/checkpoint")));
    }

    @Test
    void the_log_takes_another_key_and_old_ones_still_vouch() throws Exception {
        lived(1, rig -> {});
        String before = vkey();

        Said said = run(new Keys.Rotate(), "--data", data.toString(), "--json");

        assertEquals(0, said.exit(), said.err());
        assertEquals(Optional.of(before), said.json().text("before"));
        assertEquals(Optional.of(vkey()), said.json().text("vkey"));
        assertFalse(vkey().equals(before));
        lived(1, rig -> {});
        for (String pinned : List.of(before, vkey()))
            assertEquals(
                    0,
                    run(new Verify(), "--data", data.toString(), "--vkey", pinned)
                            .exit());
    }

    @Test
    void an_interrupted_change_of_keys_is_brought_to_its_end() throws Exception {
        lived(1, rig -> {});
        byte[] oldKey = Files.readAllBytes(data.resolve("log.key"));
        assertEquals(0, run(new Keys.Rotate(), "--data", data.toString()).exit());
        // as if the process had died between the log's entry and the move of the file
        Files.move(data.resolve("log.key"), data.resolve("log.key.next"));
        Files.write(data.resolve("log.key"), oldKey);
        Files.setPosixFilePermissions(data.resolve("log.key"), PosixFilePermissions.fromString("rw-------"));

        lived(1, rig -> {});

        assertEquals(0, run(new Verify(), "--data", data.toString()).exit());
        assertFalse(Files.exists(data.resolve("log.key.next")));
    }

    @Test
    void keys_are_created_and_shown() throws Exception {
        lived(1, rig -> {});
        var made = run(new Keys.Create(), "--json").json();
        assertTrue(made.text("key").orElseThrow().matches("grd_[A-Za-z0-9_-]{43}"));
        assertTrue(made.text("hash").orElseThrow().startsWith("sha256:"));
        assertEquals(
                vkey(), run(new Keys.Show(), "--data", data.toString()).out().strip());
    }

    @Test
    void a_backup_without_a_gap_goes_on_as_it_was() throws Exception {
        lived(2, rig -> {});
        Path backup = root.resolve("backup.db");
        Said taken = run(new TakeBackup(), backup.toString(), "--data", data.toString());
        assertEquals(0, taken.exit(), taken.err());
        assertEquals(
                2,
                run(new TakeBackup(), backup.toString(), "--data", data.toString())
                        .exit());
        assertEquals(
                2,
                run(new Restore(), backup.toString(), "--data", data.toString()).exit());
        loseJournal();

        Said said = run(new Restore(), backup.toString(), "--data", data.toString());

        assertEquals(0, said.exit(), said.err());
        lived(1, rig -> {});
        assertEquals(0, run(new Verify(), "--data", data.toString()).exit());
    }

    @Test
    void an_older_state_in_place_is_refused_and_restored_only_with_a_reason() throws Exception {
        Path backup = root.resolve("backup.db");
        var held = new ArrayList<Reply.Held>();
        lived(1, rig -> {
            held.add(hold(rig, "a"));
            held.add(hold(rig, "b"));
            rig.approve(Rig.BOB, held.getFirst());
            assertEquals(
                    0,
                    run(new TakeBackup(), backup.toString(), "--data", data.toString())
                            .exit());
        });
        String oldKey = vkey();
        lived(3, rig -> rig.execute(held.getFirst().call().id()));
        loseJournal();
        Files.copy(backup, data.resolve("journal.db"));
        Files.setPosixFilePermissions(data.resolve("journal.db"), PosixFilePermissions.fromString("rw-------"));

        assertThrows(HeadRefused.class, () -> lived(1, rig -> {}));

        loseJournal();
        Said refused = run(new Restore(), backup.toString(), "--data", data.toString());
        assertEquals(2, refused.exit());
        assertTrue(refused.err().contains("--acknowledge-gap"), refused.err());
        assertEquals(oldKey, vkey());
        Said said = run(
                new Restore(),
                backup.toString(),
                "--data",
                data.toString(),
                "--acknowledge-gap",
                "disk died",
                "--json");
        assertEquals(0, said.exit(), said.err());
        assertTrue(said.json().integer("lost").getAsLong() > 0);
        assertEquals(Optional.of(vkey()), said.json().text("vkey"));

        lived(1, rig -> {
            assertEquals(new LogId("a-2"), rig.store.log());
            for (Reply.Held each : held)
                assertEquals(
                        TicketState.CANCELLED,
                        rig.desk.find(each.pending().ticket()).orElseThrow().state(),
                        "an approval that may have been used is used no more");
            rig.execute(held.getFirst().call().id());
            assertEquals(List.of("free.read {\"n\":0}"), rig.ran());
        });
        for (String pinned : List.of(oldKey, vkey())) {
            Said verified = run(new Verify(), "--data", data.toString(), "--vkey", pinned);
            assertEquals(0, verified.exit(), verified.out() + verified.err());
            assertTrue(verified.out().contains("were lost"), verified.out());
        }
        assertTrue(reason().contains("disk died"));
    }

    @Test
    void a_backup_is_taken_back_only_with_a_reason_where_nobody_knows_what_the_log_held() throws Exception {
        lived(1, rig -> {});
        Path backup = root.resolve("backup.db");
        assertEquals(
                0,
                run(new TakeBackup(), backup.toString(), "--data", data.toString())
                        .exit());
        loseJournal();
        Files.delete(data.resolve("log.head"));

        assertEquals(
                2,
                run(new Restore(), backup.toString(), "--data", data.toString()).exit());
        Said said =
                run(new Restore(), backup.toString(), "--data", data.toString(), "--acknowledge-gap", "new machine");

        assertEquals(0, said.exit(), said.err());
        lived(1, rig -> {});
        assertEquals(0, run(new Verify(), "--data", data.toString()).exit());
    }

    @Test
    void help_shows_every_option() {
        for (var command : List.of(new Verify(), new Export(), new TakeBackup(), new Restore())) {
            Said said = run(command, "--help");
            assertEquals(0, said.exit());
            assertTrue(said.out().contains("--data"), said.out());
        }
    }

    private String reason() throws Exception {
        try (var store = SqliteStore.open(data, System::nanoTime)) {
            var journal =
                    new Journal(store, new AesSeal(BODY_KEY, new SecureRandom()), Clock.systemUTC(), System::nanoTime);
            return journal.get(Kind.META, "log-gap").isPresent()
                    ? store
                            .search(
                                    new dev.guardrail.journal.Store.Query(
                                            null, null, null, null, null, "gap_acknowledged"),
                                    Long.MAX_VALUE,
                                    1)
                            .stream()
                            .map(found -> (JsonObject) StrictJson.parse(found.bytes()))
                            .map(entry -> entry.object("reason")
                                    .orElseThrow()
                                    .text("body")
                                    .orElseThrow())
                            .map(body -> journal.body(body).orElseThrow().toString())
                            .findFirst()
                            .orElseThrow()
                    : "";
        }
    }

    /// Some life on the data, as a sidecar would lead it.
    private void lived(int calls, Life life) throws Exception {
        try (var store = SqliteStore.open(data, System::nanoTime);
                var rig = new Rig(store)) {
            rig.tool("free.read")
                    .tool("held.send")
                    .rules(
                            RuleDraft.allow("free").on("free.*").rule(),
                            RuleDraft.hold("people").on("held.*").rule());
            var notary = Notary.open(rig.journal, keys.heads(), signer(rig.journal));
            for (int i = 0; i < calls; i++)
                rig.propose("free.read", JsonObject.builder().with("n", i).build());
            notary.sign();
            life.live(rig);
            notary.sign();
        }
    }

    private interface Life {
        void live(Rig rig) throws Exception;
    }

    private dev.guardrail.proof.Signer signer(Journal journal) throws IOException, InvalidConfiguration {
        Optional<String> named = Notary.key(journal);
        return named.isPresent() ? keys.signer(named.get()) : keys.signer(true);
    }

    private static Reply.Held hold(Rig rig, String to) {
        return (Reply.Held) rig.propose(
                rig.proposal(Rig.CODER, "held.send", JsonObject.with("to", to).build(), Run.GUARD, Optional.empty()));
    }

    private String vkey() throws Exception {
        return keys.present().orElseThrow().verifier().vkey();
    }

    private void loseJournal() throws IOException {
        for (String name : List.of("journal.db", "journal.db-wal", "journal.db-shm"))
            Files.deleteIfExists(data.resolve(name));
    }

    private void sql(String update) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("journal.db"));
                var statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate(update));
        }
    }

    private static synchronized Said run(Callable<Integer> command, String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int exit = new CommandLine(command).execute(arguments);
            return new Said(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
    }
}
