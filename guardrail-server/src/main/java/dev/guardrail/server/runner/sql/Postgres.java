package dev.guardrail.server.runner.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import org.postgresql.Driver;

/// A database of PostgreSQL.
///
/// @param url `jdbc:postgresql://…`
/// @param password read for each connection
/// @param patience how long a statement may take, and how long it waits for somebody else's
record Postgres(String url, Optional<String> user, Supplier<Optional<String>> password, Duration patience)
        implements Dialect {
    /// Characters of the longest row.
    private static final int LONGEST = 2 << 20;

    private static final Set<String> WHOLE = Set.of("smallint", "integer", "bigint");

    /// Values have one text, whoever asks; and it is read back as the same value.
    private static final String[] SETTINGS = {
        "SET TimeZone = 'UTC'",
        "SET DateStyle = 'ISO, MDY'",
        "SET IntervalStyle = 'postgres'",
        "SET extra_float_digits = 1",
        "SET standard_conforming_strings = on",
        "SET xmloption = 'content'",
        "SET search_path = pg_catalog, public",
    };

    @Override
    public boolean isSqlite() {
        return false;
    }

    @Override
    public Connection open(boolean writing) throws SQLException {
        var properties = new Properties();
        user.ifPresent(name -> properties.setProperty("user", name));
        password.get().ifPresent(secret -> properties.setProperty("password", secret));
        properties.setProperty("ApplicationName", "guardrail");
        properties.setProperty("connectTimeout", Long.toString(patience.toSeconds()));
        properties.setProperty("socketTimeout", Long.toString(2 * patience.toSeconds() + 5));
        properties.setProperty("stringtype", "unspecified");
        properties.setProperty("prepareThreshold", "0");
        Connection connection = new Driver().connect(url, properties);
        if (connection == null) throw new SQLException("no address of PostgreSQL");
        try (var statement = connection.createStatement()) {
            statement.execute(String.join("; ", SETTINGS) + "; SET statement_timeout = " + patience.toMillis()
                    + "; SET lock_timeout = " + patience.toMillis());
            statement.execute(
                    writing
                            ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
                            : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            return connection;
        } catch (SQLException failed) {
            connection.close();
            throw failed;
        }
    }

    @Override
    public Table table(Connection connection, TableName name) throws SQLException, Unfit {
        return new PostgresTables(connection, name).table();
    }

    @Override
    public String oversize() {
        return "octet_length(guarded::text) > " + LONGEST;
    }

    @Override
    public String shown(Column column) {
        boolean plain = WHOLE.contains(column.type())
                || column.type().equals("boolean")
                || column.type().equals("bytea");
        return plain ? column.sql() : column.sql() + "::text";
    }

    @Override
    public Json cell(ResultSet row, int index, Column column) throws SQLException {
        int at = index + 1;
        if (row.getObject(at) == null) return JsonNull.NULL;
        if (WHOLE.contains(column.type())) return JsonNumber.of(row.getLong(at));
        return switch (column.type()) {
            case "boolean" -> JsonBoolean.of(row.getBoolean(at));
            case "bytea" -> Cells.blob(row.getBytes(at));
            default -> Cells.text(row.getString(at).getBytes(UTF_8));
        };
    }

    @Override
    public String placeholder(Json cell, Column column) {
        return "CAST(? AS " + column.type() + ")";
    }

    @Override
    public void bind(PreparedStatement statement, int at, Json cell) throws SQLException {
        Optional<byte[]> blob = Cells.blobBytes(cell);
        Optional<byte[]> text = Cells.textBytes(cell);
        if (blob.isPresent()) statement.setBytes(at, blob.get());
        else if (text.isPresent()) statement.setString(at, new String(text.get(), UTF_8));
        else if (cell == JsonNull.NULL) statement.setString(at, null);
        else if (cell instanceof JsonNumber || cell instanceof JsonBoolean) statement.setString(at, cell.toString());
        else throw new IllegalArgumentException("no value of a column");
    }

    @Override
    public void bindParameter(PreparedStatement statement, int at, Json value) throws SQLException, Unfit {
        switch (value) {
            case JsonText(String text) -> statement.setString(at, text);
            case JsonNumber number -> statement.setString(at, number.literal());
            case JsonBoolean flag -> statement.setString(at, flag.toString());
            case JsonNull nothing -> statement.setString(at, null);
            case JsonArray array -> throw new Unfit("a parameter is a list");
            case JsonObject object -> throw new Unfit("a parameter is an object");
        }
    }

    /// The database itself says what a value is as its column has it.
    @Override
    public Json key(Connection connection, Column column, Json value) throws SQLException, Unfit {
        boolean plain = value instanceof JsonText
                || value instanceof JsonNumber
                || value instanceof JsonBoolean
                || Cells.textBytes(value).isPresent()
                || Cells.blobBytes(value).isPresent();
        if (!plain) throw new Unfit("its key is not written as the column holds it");
        String cast = placeholder(value, column);
        try (var query = connection.prepareStatement(
                "SELECT " + shown(column) + " FROM (SELECT " + cast + " AS " + column.sql() + ") AS given")) {
            bind(query, 1, value);
            ResultSet row = query.executeQuery();
            row.next();
            return cell(row, 0, column);
        }
    }

    @Override
    public String overriding() {
        return " OVERRIDING SYSTEM VALUE";
    }

    @Override
    public Fault fault(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        if (state.equals("57014")) return Fault.SLOW;
        if (state.startsWith("40") || state.equals("55P03")) return Fault.BUSY;
        if (state.startsWith("23")) return Fault.CONSTRAINT;
        return state.startsWith("22") || state.startsWith("42") || state.startsWith("25")
                ? Fault.STATEMENT
                : Fault.BROKEN;
    }
}
