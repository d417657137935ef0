package dev.guardrail.server.store;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.journal.BodySeal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.proof.HashSource;
import dev.guardrail.proof.LogSource;
import dev.guardrail.proof.Projections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A journal's file as an auditor reads it: all of it as of one moment, whoever writes meanwhile. Used by one thread at
/// a time.
public final class SqliteLog implements LogSource, AutoCloseable {
    private static final String WORDS = Stream.of("kind", "call", "session", "agent", "tool", "effect")
            .map(column -> "coalesce(" + column + ", '')")
            .collect(Collectors.joining(" || char(" + (int) Terms.SEPARATOR + ") || "));
    private static final StrictJson.Limits STORED =
            new StrictJson.Limits(Integer.MAX_VALUE, 512, Integer.MAX_VALUE, 40, Integer.MAX_VALUE);

    private final Path file;
    private final Connection connection;
    private final Reader reader;
    private final List<byte[]> heads = new ArrayList<>();
    private final PreparedStatement range;
    private final PreparedStatement call;
    private final LogId log;
    private final long size;
    private final int levels;
    private Loaded loaded = new Loaded(0, 0, List.of(), List.of(), List.of());

    /// Entries read at once, with what is stored beside them.
    private record Loaded(long from, long to, List<byte[]> entries, List<Sha256> leaves, List<Terms> terms) {}

    private SqliteLog(Path file, Connection connection, Optional<byte[]> kept) throws SQLException, IOException {
        this.file = file;
        this.connection = connection;
        this.reader = new Reader(connection);
        Database.check(connection, file);
        log = new LogId(Database.text(connection, "SELECT value FROM meta WHERE name = 'log'"));
        size = Database.number(connection, "SELECT max(seq) + 1 FROM entry");
        if (Database.number(connection, "SELECT min(seq) FROM entry") < 0)
            throw new UnusableData("`" + file + "` has an entry before its first one");
        levels = levels(size);
        reader.checkpoint().ifPresent(heads::add);
        kept.ifPresent(heads::add);
        range = connection.prepareStatement(
                "SELECT seq, bytes, leaf, at, " + WORDS + " FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq");
        call = connection.prepareStatement(
                "SELECT state, value FROM document WHERE kind = '" + Place.word(Kind.CALL) + "' AND key = ?");
    }

    /// Opens the journal of a data directory, which may be in use.
    ///
    /// @param kept head that is kept beside the store, as it was before this was called
    /// @throws UnusableData where there is no journal, or one of a newer program
    public static SqliteLog open(Path directory, Optional<byte[]> kept) throws IOException {
        Path file = directory.resolve("journal.db");
        if (Files.notExists(file) || Files.size(file) == 0)
            throw new UnusableData("`" + directory + "` holds no journal; name the data directory in `data`");
        var connection = Database.reading(file);
        try {
            connection.setAutoCommit(false);
            return new SqliteLog(file, connection, kept);
        } catch (SQLException broken) {
            throw Database.closed(connection, Database.failure(file, broken));
        } catch (IOException refused) {
            throw Database.closed(connection, refused);
        }
    }

    /// Levels that have at least one hash.
    private static int levels(long size) {
        int levels = 1;
        for (long left = size >> 8; left > 0; left >>= 8) levels++;
        return levels;
    }

    public LogId log() {
        return log;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public List<byte[]> entries(long from, long to) throws IOException {
        return load(from, to).entries();
    }

    @Override
    public List<Terms> terms(long from, long to) throws IOException {
        return load(from, to).terms();
    }

    @Override
    public int levels() {
        return levels;
    }

    @Override
    public HashSource hashes() {
        return (level, from, to) -> {
            boolean here = level == 0
                    && from >= loaded.from()
                    && to <= loaded.from() + loaded.leaves().size();
            if (here) return loaded.leaves().subList((int) (from - loaded.from()), (int) (to - loaded.from()));
            try {
                return reader.hashes(level, from, to);
            } catch (SQLException broken) {
                throw Database.failure(file, broken);
            }
        };
    }

    @Override
    public List<byte[]> heads() {
        return List.copyOf(heads);
    }

    /// Documents of a kind as they stand beside the log, by key.
    ///
    /// @throws UnusableData where one of them was altered
    public SortedMap<String, JsonObject> documents(Kind kind) throws IOException {
        var documents = new TreeMap<String, JsonObject>();
        try (var statement = connection.prepareStatement("SELECT key, value FROM document WHERE kind = ?")) {
            statement.setString(1, Place.word(kind));
            try (var rows = statement.executeQuery()) {
                while (rows.next())
                    documents.put(rows.getString(1), (JsonObject) StrictJson.parse(bytes(rows, 2), STORED));
            }
            return documents;
        } catch (SQLException broken) {
            throw Database.failure(file, broken);
        } catch (MalformedJson | ClassCastException altered) {
            throw new UnusableData("`" + file + "` has documents that are none; run: ./guardrail verify");
        }
    }

    private Loaded load(long from, long to) throws IOException {
        if (from == loaded.from() && to <= loaded.to() && loaded.entries().size() == to - from) return loaded;
        var entries = new ArrayList<byte[]>();
        var leaves = new ArrayList<Sha256>();
        var terms = new ArrayList<Terms>();
        try {
            range.setLong(1, from);
            range.setLong(2, to);
            try (var rows = range.executeQuery()) {
                while (rows.next() && rows.getLong(1) == from + entries.size()) {
                    entries.add(bytes(rows, 2));
                    byte[] leaf = bytes(rows, 3);
                    leaves.add(leaf.length == 32 ? Sha256.wrap(leaf) : Sha256.of(leaf));
                    terms.add(new Terms(rows.getLong(4), text(rows, 5)));
                }
            }
        } catch (SQLException broken) {
            throw Database.failure(file, broken);
        }
        loaded = new Loaded(from, to, entries, leaves, terms);
        return loaded;
    }

    private static byte[] bytes(ResultSet rows, int column) throws SQLException {
        byte[] bytes = rows.getBytes(column);
        return bytes == null ? new byte[0] : bytes;
    }

    private static String text(ResultSet rows, int column) throws SQLException {
        String text = rows.getString(column);
        return text == null ? "" : text;
    }

    /// What the same file keeps of calls and bodies, as of the same moment.
    ///
    /// @param seal opens the bodies
    public Projections projections(BodySeal seal) {
        return new Kept(seal);
    }

    private final class Kept implements Projections {
        private final BodySeal seal;

        Kept(BodySeal seal) {
            this.seal = seal;
        }

        @Override
        public long calls() throws IOException {
            try {
                return Database.number(
                        connection, "SELECT count(*) FROM document WHERE kind = '" + Place.word(Kind.CALL) + "'");
            } catch (SQLException broken) {
                throw Database.failure(file, broken);
            }
        }

        private static Optional<String> status(JsonObject call, @Nullable String state) {
            try {
                var kept = CallRecord.of(call);
                return Optional.of(kept.status().text())
                        .filter(status -> Objects.equals(state, kept.tags().state()));
            } catch (NoSuchElementException | IllegalArgumentException damaged) {
                return Optional.empty();
            }
        }

        /// The status, where the column that it is found by says the same as the document.
        @Override
        public Optional<String> status(String id) throws IOException {
            try {
                call.setString(1, id);
                try (var rows = call.executeQuery()) {
                    if (!rows.next()) return Optional.empty();
                    var value = StrictJson.parse(bytes(rows, 2), STORED);
                    @Nullable String state = rows.getString(1);
                    return value instanceof JsonObject object ? status(object, state) : Optional.empty();
                }
            } catch (SQLException broken) {
                throw Database.failure(file, broken);
            } catch (MalformedJson altered) {
                return Optional.empty();
            }
        }

        @Override
        public Body body(String id) throws IOException {
            Optional<byte[]> sealed;
            try {
                sealed = reader.body(id);
            } catch (SQLException broken) {
                throw Database.failure(file, broken);
            }
            if (sealed.isEmpty()) return new Body.Erased();
            try {
                return new Body.Kept(seal.commitment(id, sealed.get()));
            } catch (SecurityException altered) {
                return new Body.Unreadable();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException broken) {
            throw Database.failure(file, broken);
        }
    }
}
