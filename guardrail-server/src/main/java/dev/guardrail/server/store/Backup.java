package dev.guardrail.server.store;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;

/// Copies of a journal's file.
public final class Backup {
    private Backup() {}

    /// Copies the file of an open store, as of one moment.
    static long take(Path database, Path target) throws IOException {
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
            if (Files.size(directory.database()) > 0
                    || Files.exists(directory.path().resolve("journal.db-wal")))
                throw new UnusableData("`" + directory.path()
                        + "` holds a journal already; move it away first, so that nothing is lost");
            // A crash midway leaves an empty journal file and a part beside it; restoring again replaces both.
            Path part = directory.path().resolve("restored.part");
            Files.deleteIfExists(part);
            DataDirectory.create(part);
            try (var out = Files.newOutputStream(part, StandardOpenOption.WRITE)) {
                Files.copy(backup, out);
            }
            DataDirectory.force(part);
            Files.move(part, directory.database(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
            DataDirectory.force(directory.path());
        }
        return entries;
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }
}
