package dev.guardrail.server.store;

import dev.guardrail.journal.LogId;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TempStore;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.jdbc4.JDBC4Connection;

/// Connections to a journal's file, and its tables.
final class Database {
    /// Version of the tables; a newer one refuses this program.
    static final int FORMAT = 1;

    /// `GRDL`: tells the file from other SQLite databases.
    private static final int APPLICATION = 0x4752444C;

    /// Bytes of a page of a new file. A commit writes whole pages, a dozen of them for a few hundred bytes each, and
    /// waits until the disk has all. A file of other pages keeps them.
    private static final int PAGE_BYTES = 1_024;

    /// Pages of the write-ahead log after which it is copied into the file.
    private static final int CHECKPOINT_PAGES = (8 << 20) / PAGE_BYTES;

    private static final String[] TABLES = {
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """
        CREATE TABLE entry(seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
            call TEXT, session TEXT, agent TEXT, tool TEXT, effect TEXT, bytes BLOB NOT NULL) STRICT""",
        // Hashes of complete subtrees of 256, 65 536, … leaves, by level; those of the leaves lie with their entries.
        """
        CREATE TABLE node(level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
            PRIMARY KEY (level, number)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX entry_call ON entry(call) WHERE call IS NOT NULL",
        "CREATE INDEX entry_session ON entry(session) WHERE session IS NOT NULL",
        "CREATE INDEX entry_agent ON entry(agent) WHERE agent IS NOT NULL",
        "CREATE INDEX entry_tool ON entry(tool) WHERE tool IS NOT NULL",
        """
        CREATE TABLE document(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,
            session TEXT, state TEXT, digest TEXT, value BLOB NOT NULL) STRICT""",
        "CREATE UNIQUE INDEX document_key ON document(kind, key)",
        "CREATE INDEX document_session ON document(kind, session, key) WHERE session IS NOT NULL",
        "CREATE INDEX document_state ON document(kind, state, key) WHERE state IS NOT NULL",
        "CREATE TABLE body(id TEXT NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT",
        "CREATE TABLE checkpoint(id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, note BLOB NOT NULL) STRICT",
        "CREATE TABLE probe(id INTEGER PRIMARY KEY, filling BLOB NOT NULL) STRICT",
    };

    private Database() {}

    /// A connection that writes, out of a transaction; everything durable is in the file itself, and the
    /// write-ahead log is empty, so that nothing of a failed write stays in it. Its transactions take the right
    /// to write as they begin: one that reads before it writes never finds that somebody else wrote meanwhile.
    static Connection writing(Path file, Settings settings) throws IOException {
        var config = config();
        config.setSynchronous(SQLiteConfig.SynchronousMode.valueOf(settings.synchronous()));
        config.setWalAutocheckpoint(CHECKPOINT_PAGES);
        config.setCacheSize(-8_192);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        int maxPages = settings.maxPages().getAsInt();
        if (maxPages > 0) config.setMaxPageCount(maxPages);
        return open(
                file,
                config,
                // Only before the write-ahead log is there does the file take its size of pages.
                "PRAGMA page_size = " + PAGE_BYTES,
                "PRAGMA journal_mode = WAL",
                "PRAGMA fullfsync = true",
                "PRAGMA checkpoint_fullfsync = true",
                "PRAGMA cell_size_check = true",
                "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// A connection that only reads.
    static Connection reading(Path file) throws IOException {
        return open(file, config(), "PRAGMA query_only = true");
    }

    /// A connection that reads one file and writes another: a copy.
    static Connection copying(Path file) throws IOException {
        return open(file, config());
    }

    private static SQLiteConfig config() {
        var config = new SQLiteConfig();
        config.setBusyTimeout(5_000);
        config.setTempStore(TempStore.MEMORY);
        // One thread at a time uses a connection: SQLite need not lock each step.
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
        // Nobody asks for them, and each insert would prepare and run a query.
        config.setGetGeneratedKeys(false);
        return config;
    }

    private static Connection open(Path file, SQLiteConfig config, String... pragmas) throws IOException {
        Connection connection = null;
        try {
            connection = new JDBC4Connection("jdbc:sqlite:" + file, file.toString(), config.toProperties());
            try (var statement = connection.createStatement()) {
                for (String pragma : pragmas) statement.execute(pragma);
            }
            return connection;
        } catch (SQLException broken) {
            var failure = failure(file, broken);
            throw connection == null ? failure : closed(connection, failure);
        }
    }

    /// Makes the tables in an empty file, or makes sure that the file is a journal of this log and format.
    ///
    /// @throws UnusableData where it is not
    static void prepare(Connection connection, Path file, LogId log) throws IOException {
        try {
            if (number(connection, "PRAGMA application_id") == 0
                    && number(connection, "SELECT count(*) FROM sqlite_schema") == 0) create(connection, log);
            check(connection, file);
            String present = text(connection, "SELECT value FROM meta WHERE name = 'log'");
            if (!present.equals(log.value()))
                throw new UnusableData("`" + file + "` holds the log `" + present + "`, not `" + log
                        + "`; name the data directory of `" + log + "`");
        } catch (SQLException broken) {
            throw failure(file, broken);
        }
    }

    /// @throws UnusableData where the file is no journal, or one of a newer program
    static void check(Connection connection, Path file) throws IOException, SQLException {
        if (number(connection, "PRAGMA application_id") != APPLICATION)
            throw new UnusableData("`" + file + "` is not a guardrail journal; name another `data` directory");
        long format = Long.parseLong(text(connection, "SELECT value FROM meta WHERE name = 'format'"));
        if (format > FORMAT)
            throw new UnusableData("`" + file + "` has format " + format + " and this program knows up to " + FORMAT
                    + "; start the newer guardrail that wrote it, or restore a backup of before");
    }

    private static void create(Connection connection, LogId log) throws SQLException {
        // One transaction: a crash within it leaves an empty file, which the next start fills.
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA application_id = " + APPLICATION);
            for (String table : TABLES) statement.execute(table);
        }
        try (var insert = connection.prepareStatement(
                "INSERT INTO meta(name, value) VALUES ('format', ?), ('log', ?), ('high_water', '0')")) {
            insert.setString(1, Integer.toString(FORMAT));
            insert.setString(2, log.value());
            insert.executeUpdate();
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    static long number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    static String text(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            String value = rows.next() ? rows.getString(1) : null;
            if (value == null) throw new SQLException("nothing found by " + query);
            return value;
        }
    }

    /// What SQLite says, with the mend where there is one.
    static IOException failure(Path file, SQLException broken) {
        if (broken instanceof SQLiteException known) {
            var code = known.getResultCode();
            if (code == SQLiteErrorCode.SQLITE_NOTADB)
                return new UnusableData(
                        "`" + file + "` is not a guardrail journal; name another `data` directory", broken);
            if (code == SQLiteErrorCode.SQLITE_FULL)
                return new IOException("no space is left for `" + file + "`; make room, it goes on by itself", broken);
            if (code.name().startsWith("SQLITE_CORRUPT"))
                return new UnusableData("`" + file + "` is damaged; stop guardrail and restore a backup", broken);
        }
        return new IOException("`" + file + "` cannot be used: " + broken.getMessage(), broken);
    }

    static IOException closed(Connection connection, IOException failure) {
        try {
            connection.close();
        } catch (SQLException also) {
            failure.addSuppressed(also);
        }
        return failure;
    }
}
