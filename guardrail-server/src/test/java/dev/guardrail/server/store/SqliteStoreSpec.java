package dev.guardrail.server.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Body;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SqliteStoreSpec {
    @TempDir
    private Path temporary;

    @Test
    void files_are_their_owners_alone() throws Exception {
        try (var store = open()) {
            store.commit(batch("a"));
            store.get(Kind.CALL, "call_1");

            assertEquals("rwx------", permissions(data()));
            List<String> names = new ArrayList<>();
            try (var files = Files.list(data())) {
                for (Path file : files.toList()) {
                    names.add(file.getFileName().toString());
                    assertEquals("rw-------", permissions(file), file.toString());
                }
            }
            assertTrue(names.containsAll(List.of("journal.db", "journal.db-wal", "lock")), names.toString());
        }
    }

    @Test
    void a_directory_that_others_can_write_is_refused_with_the_mend() throws Exception {
        Files.createDirectory(data());
        Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("rwxrwx---"));
        var refused = assertThrows(UnusableData.class, this::open);
        assertTrue(refused.getMessage().contains("chmod 700 " + data()), refused.getMessage());

        Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("rwx------"));
        open().close();
    }

    @Test
    void every_commit_is_synced() throws Exception {
        open().close();
        try (var connection = Database.writing(data().resolve("journal.db"), Settings.DEFAULT)) {
            assertEquals("wal", Database.text(connection, "PRAGMA journal_mode"));
            assertEquals(2, Database.number(connection, "PRAGMA synchronous"));
        }
    }

    @Test
    void one_directory_has_one_opener() throws Exception {
        try (var store = open()) {
            var refused = assertThrows(UnusableData.class, this::open);
            assertTrue(refused.getMessage().contains("in use by another guardrail process"), refused.getMessage());
            assertEquals("refused", another().readLine());
            store.commit(batch("still ours"));
        }
        assertEquals("opened 1", another().readLine());
    }

    /// Opens the same directory from another process.
    private BufferedReader another() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opener.class.getName(),
                        data().toString())
                .redirectErrorStream(true)
                .start()
                .inputReader();
    }

    /// The other process: says whether it could open.
    static final class Opener {
        public static void main(String[] arguments) throws IOException {
            try (var store = SqliteStore.open(Path.of(arguments[0]), LogId.EMBEDDED, System::nanoTime)) {
                System.out.println("opened " + store.size());
            } catch (UnusableData refused) {
                System.out.println("refused");
            }
        }
    }

    @Test
    void a_newer_format_refuses_an_older_program() throws Exception {
        open().close();
        change("UPDATE meta SET value = '2' WHERE name = 'format'");
        var refused = assertThrows(UnusableData.class, this::open);
        assertTrue(refused.getMessage().contains("has format 2 and this program knows up to 1"), refused.getMessage());

        change("UPDATE meta SET value = '1' WHERE name = 'format'");
        open().close();
    }

    @Test
    void another_log_is_refused() throws Exception {
        open().close();
        var refused =
                assertThrows(UnusableData.class, () -> SqliteStore.open(data(), new LogId("b"), System::nanoTime));
        assertTrue(refused.getMessage().contains("holds the log `a`, not `b`"), refused.getMessage());
        open().close();
    }

    @Test
    void a_foreign_file_is_refused_and_left_alone() throws Exception {
        Files.createDirectory(
                data(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = data().resolve("journal.db");
        byte[] garbage = "no database at all, but longer than its header would be "
                .repeat(40)
                .getBytes(StandardCharsets.UTF_8);
        Files.write(file, garbage);
        assertThrows(UnusableData.class, this::open);
        assertArrayEquals(garbage, Files.readAllBytes(file));

        Files.delete(file);
        change("CREATE TABLE other(x)");
        var refused = assertThrows(UnusableData.class, this::open);
        assertTrue(refused.getMessage().contains("is not a guardrail journal"), refused.getMessage());
    }

    @Test
    void a_backup_under_load_is_whole_and_can_be_restored() throws Exception {
        Path copy = temporary.resolve("copy.db");
        long copied;
        try (var store = open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) store.commit(batch("before " + i));
            var enough = new AtomicBoolean();
            var load = threads.submit(() -> {
                for (int i = 0; !enough.get(); i++) store.commit(batch("during " + i));
                return true;
            });
            try {
                copied = store.backup(copy);
            } finally {
                enough.set(true);
            }
            assertTrue(load.get());
            assertTrue(copied >= 200 && copied <= store.size());
            assertThrows(FileAlreadyExistsException.class, () -> store.backup(copy));
        }
        assertEquals("rw-------", permissions(copy));
        assertEquals(copied, Backup.inspect(copy));

        Path elsewhere = temporary.resolve("elsewhere");
        assertEquals(copied, Backup.restore(copy, elsewhere));
        assertThrows(UnusableData.class, () -> Backup.restore(copy, elsewhere));
        try (var restored = SqliteStore.open(elsewhere, LogId.EMBEDDED, System::nanoTime)) {
            assertEquals(copied, restored.size());
            assertEquals(
                    copied,
                    restored.find(Kind.CALL, Document.Tags.NONE, "", 100_000).size());
            assertArrayEquals(
                    "sealed".getBytes(StandardCharsets.UTF_8),
                    restored.body("before 7").orElseThrow());
            assertEquals(copied, restored.commit(batch("after")).seq());
        }
    }

    @Test
    void a_backup_that_was_altered_is_refused() throws Exception {
        Path copy = temporary.resolve("copy.db");
        try (var store = open()) {
            for (int i = 0; i < 20; i++) store.commit(batch("entry " + i));
            store.keepCheckpoint(20, new byte[] {1});
            store.backup(copy);
        }
        for (var fault : List.of(
                "UPDATE entry SET bytes = x'00' WHERE seq = 7",
                "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 7",
                "DELETE FROM entry WHERE seq = 7",
                "DELETE FROM entry WHERE seq = 19",
                "UPDATE meta SET value = '9' WHERE name = 'format'")) {
            Path altered = temporary.resolve("altered.db");
            Files.copy(copy, altered);
            try (var connection = DriverManager.getConnection("jdbc:sqlite:" + altered);
                    var statement = connection.createStatement()) {
                statement.executeUpdate(fault);
            }
            assertThrows(UnusableData.class, () -> Backup.inspect(altered), fault);
            assertThrows(UnusableData.class, () -> Backup.restore(altered, temporary.resolve("never")), fault);
            Files.delete(altered);
        }
        assertEquals(20, Backup.inspect(copy));
        assertFalse(Files.exists(temporary.resolve("never")));
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private SqliteStore open() throws IOException {
        return SqliteStore.open(data(), LogId.EMBEDDED, System::nanoTime);
    }

    private void change(String statementText) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data().resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate(statementText);
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Batch batch(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return new Batch(
                List.of(new Batch.Line(bytes, new Batch.Terms(1, "decided", name, "ses_1", "ann", "fs.read", "allow"))),
                List.of(new Change.Put(Kind.CALL, name, 0, Document.Tags.NONE, JsonObject.EMPTY)),
                List.of(new Body(name, "sealed".getBytes(StandardCharsets.UTF_8))));
    }
}
