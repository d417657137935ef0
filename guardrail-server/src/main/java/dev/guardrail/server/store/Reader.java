package dev.guardrail.server.store;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.server.store.DocumentCache.Kept;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A connection that only reads, with its statements. Used by one thread at a time.
final class Reader implements AutoCloseable {
    /// What we wrote ourselves is read back whatever its size.
    private static final StrictJson.Limits STORED =
            new StrictJson.Limits(Integer.MAX_VALUE, 512, Integer.MAX_VALUE, 40, Integer.MAX_VALUE);

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    Reader(Connection connection) {
        this.connection = connection;
    }

    Kept document(Place place) throws SQLException {
        var statement = statement(
                "SELECT version, session, state, digest, value FROM document" + " WHERE kind = ? AND key = ?");
        statement.setString(1, Place.word(place.kind()));
        statement.setString(2, place.key());
        try (var rows = statement.executeQuery()) {
            if (!rows.next()) return Kept.ABSENT;
            byte[] text = rows.getBytes(5);
            return new Kept(Optional.of(document(place.kind(), place.key(), rows, text)), text);
        }
    }

    private static Document document(Kind kind, String key, ResultSet rows, byte[] text) throws SQLException {
        var tags = new Document.Tags(rows.getString(2), rows.getString(3), rows.getString(4));
        if (!(StrictJson.parse(text, STORED) instanceof JsonObject value))
            throw new SQLException("the document `" + key + "` is no object");
        return new Document(kind, key, rows.getLong(1), tags, value);
    }

    List<Document> find(Kind kind, Document.Tags filter, String after, int limit) throws SQLException {
        var where = new Conditions("kind = ?", Place.word(kind));
        where.equal("session", filter.session());
        where.equal("state", filter.state());
        where.equal("digest", filter.digest());
        where.and("key > ?", after);
        var statement = statement("SELECT version, session, state, digest, value, key FROM document WHERE " + where
                + " ORDER BY key LIMIT ?");
        statement.setInt(where.bind(statement), limit);
        List<Document> found = new ArrayList<>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) found.add(document(kind, rows.getString(6), rows, rows.getBytes(5)));
        }
        return found;
    }

    List<Store.Found> search(Store.Query query, long before, int limit) throws SQLException {
        var where = new Conditions("seq < ?", before);
        where.equalOrNone("call", query.call());
        where.equalOrNone("session", query.session());
        where.equalOrNone("agent", query.agent());
        where.equalOrNone("tool", query.tool());
        where.equalOrNone("effect", query.effect());
        where.equal("kind", query.kind());
        var statement = statement("SELECT seq, bytes FROM entry WHERE " + where + " ORDER BY seq DESC LIMIT ?");
        statement.setInt(where.bind(statement), limit);
        List<Store.Found> found = new ArrayList<>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) found.add(new Store.Found(rows.getLong(1), rows.getBytes(2)));
        }
        return found;
    }

    Optional<byte[]> body(String id) throws SQLException {
        var statement = statement("SELECT sealed FROM body WHERE id = ?");
        statement.setString(1, id);
        return blobs(statement).stream().findFirst();
    }

    List<byte[]> entries(long from, long to) throws SQLException {
        return range("SELECT bytes FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq", from, to);
    }

    List<Sha256> leaves(long from, long to) throws SQLException {
        return range("SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq", from, to).stream()
                .map(Sha256::wrap)
                .toList();
    }

    /// Hashes of a level of tiles: of the leaves, or of complete subtrees of `256^level` of them.
    List<Sha256> hashes(int level, long from, long to) throws SQLException {
        if (level == 0) return leaves(from, to);
        var statement =
                statement("SELECT hash FROM node WHERE level = ? AND number >= ? AND number < ? ORDER BY number");
        statement.setInt(1, level);
        statement.setLong(2, from);
        statement.setLong(3, to);
        return blobs(statement).stream().map(Sha256::wrap).toList();
    }

    private List<byte[]> range(String query, long from, long to) throws SQLException {
        var statement = statement(query);
        statement.setLong(1, from);
        statement.setLong(2, to);
        return blobs(statement);
    }

    Optional<byte[]> checkpoint() throws SQLException {
        return blobs(statement("SELECT note FROM checkpoint")).stream().findFirst();
    }

    private static List<byte[]> blobs(PreparedStatement statement) throws SQLException {
        List<byte[]> blobs = new ArrayList<>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) {
                byte[] blob = rows.getBytes(1);
                // The driver gives null for an empty blob.
                blobs.add(blob == null ? new byte[0] : blob);
            }
        }
        return blobs;
    }

    private PreparedStatement statement(String query) throws SQLException {
        var present = statements.get(query);
        if (present != null) return present;
        var made = connection.prepareStatement(query);
        statements.put(query, made);
        return made;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /// The terms of one query, and what is bound to them.
    private static final class Conditions {
        private final StringBuilder text = new StringBuilder();
        private final List<Object> values = new ArrayList<>();

        Conditions(String first, Object value) {
            text.append(first);
            values.add(value);
        }

        void and(String term, Object value) {
            text.append(" AND ").append(term);
            values.add(value);
        }

        void equal(String column, @Nullable String wanted) {
            if (wanted != null) and(column + " = ?", wanted);
        }

        /// The same for a column that holds null for an empty text.
        void equalOrNone(String column, @Nullable String wanted) {
            if (wanted != null && wanted.isEmpty())
                text.append(" AND ").append(column).append(" IS NULL");
            else equal(column, wanted);
        }

        /// @return index of the next parameter
        int bind(PreparedStatement statement) throws SQLException {
            for (int i = 0; i < values.size(); i++) {
                if (values.get(i) instanceof Long number) statement.setLong(i + 1, number);
                else statement.setString(i + 1, values.get(i).toString());
            }
            return values.size() + 1;
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
