package dev.guardrail.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.journal.LogId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

@Timeout(60)
class DatabaseSpec {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path file;

    @BeforeEach
    void make() throws Exception {
        file = directory.resolve("journal.db");
        try (var connection = Database.writing(file, Settings.DEFAULT)) {
            Database.prepare(connection, file, LogId.EMBEDDED);
        }
    }

    private static long mark(Connection connection) throws SQLException {
        return Database.number(connection, "SELECT value FROM meta WHERE name = 'high_water'");
    }

    private static void raise(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE meta SET value = value + 1 WHERE name = 'high_water'");
        }
    }

    @Test
    void a_transaction_that_reads_before_it_writes_is_never_busy() throws Exception {
        try (var first = Database.writing(file, Settings.DEFAULT);
                var second = Database.writing(file, Settings.DEFAULT)) {
            first.setAutoCommit(false);
            assertEquals(0, mark(first));
            var other = CompletableFuture.supplyAsync(() -> {
                try {
                    raise(second);
                    return mark(second);
                } catch (SQLException busy) {
                    throw new IllegalStateException(busy);
                }
            });
            raise(first);
            assertEquals(1, mark(first));
            assertFalse(other.isDone(), "nobody writes between");
            first.commit();
            first.setAutoCommit(true);

            assertEquals(2, other.get(20, TimeUnit.SECONDS), "the other one waited and then wrote");
        }
    }

    /// Shows that the test above would notice.
    @Test
    void one_that_takes_the_right_only_as_it_writes_is_busy() throws Exception {
        try (var first = Database.copying(file);
                var second = Database.writing(file, Settings.DEFAULT)) {
            first.setAutoCommit(false);
            assertEquals(0, mark(first));
            raise(second);

            var busy = assertThrows(SQLiteException.class, () -> raise(first));
            assertEquals(SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT, busy.getResultCode());
        }
    }

    @Test
    void the_write_ahead_log_is_used_again_although_a_transaction_is_always_open() throws Exception {
        try (var connection = Database.writing(file, Settings.DEFAULT)) {
            connection.setAutoCommit(false);
            long most = 0;
            for (int commit = 0; commit < 60; commit++) {
                try (var statement = connection.createStatement()) {
                    statement.executeUpdate("INSERT OR REPLACE INTO probe(id, filling) VALUES (" + commit % 4
                            + ", zeroblob(" + (1 << 20) + "))");
                }
                connection.commit();
                most = Math.max(most, Files.size(directory.resolve("journal.db-wal")));
            }
            assertTrue(most < 20 << 20, "bytes: " + most);
        }
    }
}
