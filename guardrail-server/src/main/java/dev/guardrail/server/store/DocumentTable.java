package dev.guardrail.server.store;

import dev.guardrail.journal.Document;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The table of documents as the writer changes it. An index is left alone while its columns stay as they are: each
/// would be one more page that every commit waits for.
final class DocumentTable {
    private final PreparedStatement version;
    private final PreparedStatement put;
    private final PreparedStatement move;
    private final PreparedStatement rewrite;
    private final PreparedStatement remove;

    DocumentTable(Connection connection) throws SQLException {
        version = connection.prepareStatement("SELECT version FROM document WHERE kind = ? AND key = ?");
        put = connection.prepareStatement("INSERT INTO document(version, digest, value, kind, key, state, session)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(kind, key) DO UPDATE SET version = excluded.version,"
                + " session = excluded.session, state = excluded.state, digest = excluded.digest,"
                + " value = excluded.value");
        move = connection.prepareStatement("UPDATE document SET version = ?1, digest = ?2, value = ?3, state = ?6"
                + " WHERE kind = ?4 AND key = ?5");
        rewrite = connection.prepareStatement(
                "UPDATE document SET version = ?, digest = ?, value = ? WHERE kind = ? AND key = ?");
        remove = connection.prepareStatement("DELETE FROM document WHERE kind = ? AND key = ?");
    }

    /// @return 0 where there is no such document
    long version(Place place) throws SQLException {
        version.setString(1, Place.word(place.kind()));
        version.setString(2, place.key());
        try (var rows = version.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /// @param before tags of the document that is replaced; null where there is none, or nobody knows
    /// @param value the document's bytes
    void write(Place place, Document.@Nullable Tags before, Document document, byte[] value) throws SQLException {
        var tags = document.tags();
        if (before == null || !Objects.equals(before.session(), tags.session())) {
            text(put, 6, tags.state());
            text(put, 7, tags.session());
            write(put, place, document, value);
        } else if (Objects.equals(before.state(), tags.state())) {
            write(rewrite, place, document, value);
        } else {
            text(move, 6, tags.state());
            write(move, place, document, value);
        }
    }

    private static void write(PreparedStatement statement, Place place, Document document, byte[] value)
            throws SQLException {
        statement.setLong(1, document.version());
        text(statement, 2, document.tags().digest());
        statement.setBytes(3, value);
        statement.setString(4, Place.word(place.kind()));
        statement.setString(5, place.key());
        if (statement.executeUpdate() != 1) throw new SQLException("the document `" + place.key() + "` is not there");
    }

    void remove(Place place) throws SQLException {
        remove.setString(1, Place.word(place.kind()));
        remove.setString(2, place.key());
        remove.executeUpdate();
    }

    static void text(PreparedStatement statement, int index, @Nullable String value) throws SQLException {
        if (value == null) statement.setNull(index, Types.VARCHAR);
        else statement.setString(index, value);
    }
}
