package dev.guardrail.server.store;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.LogId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/// Copies of a journal's file.
public final class Backup {
    private Backup() {}

    /// The log that a journal's file holds; empty where there is no file, or nothing in it yet.
    static Optional<LogId> log(Path file) throws IOException {
        if (Files.notExists(file) || Files.size(file) == 0) return Optional.empty();
        try (var connection = Database.reading(file)) {
            if (Database.number(connection, "SELECT count(*) FROM sqlite_schema") == 0) return Optional.empty();
            Database.check(connection, file);
            return Optional.of(new LogId(Database.text(connection, "SELECT value FROM meta WHERE name = 'log'")));
        } catch (SQLException broken) {
            throw Database.failure(file, broken);
        }
    }

    /// Gives a journal's file, which nobody uses, to a log of another name: what follows is numbered for that one.
    public static void rename(Path file, LogId next) throws IOException {
        try (var connection = Database.writing(file, Settings.DEFAULT);
                var update = connection.prepareStatement("UPDATE meta SET value = ? WHERE name = 'log'")) {
            update.setString(1, next.value());
            if (update.executeUpdate() != 1) throw new SQLException("the journal has no name");
        } catch (SQLException broken) {
            throw Database.failure(file, broken);
        }
    }

    /// Copies a journal's file, whether somebody uses it or not, as of one moment into a new file of mode 0600, and
    /// proves the copy sound.
    ///
    /// @param target must not exist
    /// @return number of entries in the copy
    public static long take(Path database, Path target) throws IOException {
        DataDirectory.create(target);
        try {
            var connection = Database.copying(database);
            try (connection;
                    var copy = connection.prepareStatement("VACUUM INTO ?")) {
                copy.setString(1, target.toString());
                copy.execute();
            } catch (SQLException broken) {
                throw Database.failure(target, broken);
            }
            DataDirectory.force(target);
            long entries = inspect(target);
            DataDirectory.force(parent(target));
            return entries;
        } catch (IOException | RuntimeException broken) {
            Files.deleteIfExists(target);
            throw broken;
        }
    }

    /// Reads all of a journal's file that nobody uses and proves it sound: SQLite's own structure, entries one after
    /// the other from 0, each with the leaf hash that its bytes give, and no checkpoint beyond the log.
    ///
    /// @return number of entries
    /// @throws UnusableData naming the first thing that is not sound
    public static long inspect(Path file) throws IOException {
        try (var connection = Database.reading(file)) {
            Database.check(connection, file);
            String structure = Database.text(connection, "PRAGMA integrity_check(1)");
            if (!structure.equals("ok")) throw new UnusableData("`" + file + "` is damaged: " + structure);
            long entries = entries(connection, file);
            if (Database.number(connection, "SELECT size FROM checkpoint") > entries)
                throw new UnusableData("`" + file + "` lacks entries that its checkpoint covers");
            return entries;
        } catch (SQLException broken) {
            throw Database.failure(file, broken);
        }
    }

    private static long entries(Connection connection, Path file) throws IOException, SQLException {
        long expected = 0;
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT seq, leaf, bytes FROM entry ORDER BY seq")) {
            while (rows.next()) {
                if (rows.getLong(1) != expected) throw new UnusableData("`" + file + "` lacks entry " + expected);
                if (!Sha256.of(new byte[] {0}, rows.getBytes(3)).equals(Sha256.wrap(rows.getBytes(2))))
                    throw new UnusableData("entry " + expected + " of `" + file + "` was altered");
                expected++;
            }
        }
        return expected;
    }

    /// Puts a backup into a data directory that holds no journal yet.
    ///
    /// @return number of entries
    /// @throws UnusableData where the backup is not sound or the directory holds a journal
    public static long restore(Path backup, Path target) throws IOException {
        long entries = inspect(backup);
        try (var directory = DataDirectory.lock(target)) {
            expectNoJournal(directory);
            // A crash midway leaves an empty journal file and a part beside it; restoring again replaces both.
            Path part = directory.path().resolve("restored.part");
            Files.deleteIfExists(part);
            DataDirectory.create(part);
            try (var out = Files.newOutputStream(part, StandardOpenOption.WRITE)) {
                Files.copy(backup, out);
            }
            DataDirectory.force(part);
            move(part, directory);
        }
        return entries;
    }

    /// Moves a journal's file, which nobody uses, into a data directory that holds none.
    ///
    /// @throws UnusableData where the directory holds a journal
    public static void install(Path file, Path target) throws IOException {
        try (var directory = DataDirectory.lock(target)) {
            expectNoJournal(directory);
            if (Files.exists(file.resolveSibling(file.getFileName() + "-wal")))
                throw new IOException("`" + file + "` was not closed cleanly");
            DataDirectory.force(file);
            move(file, directory);
        }
    }

    private static void move(Path file, DataDirectory directory) throws IOException {
        Files.move(file, directory.database(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        DataDirectory.force(directory.path());
    }

    /// Makes sure that a data directory holds no journal.
    ///
    /// @throws UnusableData where it does, or is in use
    public static void expectNoJournal(Path target) throws IOException {
        try (var directory = DataDirectory.lock(target)) {
            expectNoJournal(directory);
        }
    }

    private static void expectNoJournal(DataDirectory directory) throws IOException {
        if (Files.size(directory.database()) > 0
                || Files.exists(directory.path().resolve("journal.db-wal")))
            throw new UnusableData("`" + directory.path()
                    + "` holds a journal already; move journal.db away first, so that nothing is lost");
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }
}
