package dev.guardrail.server.runner.sql;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.Pragma;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.jdbc4.JDBC4Connection;

/// A file of SQLite.
///
/// @param patience how long a transaction may compute, and how long it waits for somebody else's
record Sqlite(Path file, Duration patience, Ticker ticker) implements Dialect {
    /// Bytes of the longest value or row.
    private static final int LONGEST = 2 << 20;

    /// Steps of the database's machine between two looks at the clock.
    private static final int STEPS = 10_000;

    private static final Pattern WHOLE = Pattern.compile("0|-?[1-9][0-9]{0,17}");
    private static final Pattern NUMERIC = Pattern.compile("[ \\t\\r\\n\\f\\x0B]*[-+.0-9].*", Pattern.DOTALL);

    @Override
    public boolean isSqlite() {
        return true;
    }

    @Override
    public Connection open(boolean writing) throws SQLException {
        var config = new SQLiteConfig();
        config.setBusyTimeout((int) patience.toMillis());
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.enforceForeignKeys(true);
        config.setPragma(Pragma.LIMIT_LENGTH, Integer.toString(LONGEST));
        config.setPragma(Pragma.LIMIT_ATTACHED, "0");
        Connection connection = new JDBC4Connection("jdbc:sqlite:" + file, file.toString(), config.toProperties());
        try {
            long end = ticker.nanos() + patience.toNanos();
            ProgressHandler.setHandler(connection, STEPS, new Deadline(ticker, end));
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA trusted_schema = false");
                if (!writing) statement.execute("PRAGMA query_only = true");
                statement.execute(writing ? "BEGIN IMMEDIATE" : "BEGIN");
                if (writing) statement.execute("PRAGMA defer_foreign_keys = true");
            }
            return connection;
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    /// Ends a transaction that computes for too long.
    private static final class Deadline extends ProgressHandler {
        private final Ticker ticker;
        private final long end;

        Deadline(Ticker ticker, long end) {
            this.ticker = ticker;
            this.end = end;
        }

        @Override
        protected int progress() {
            return ticker.nanos() - end > 0 ? 1 : 0;
        }
    }

    @Override
    public Table table(Connection connection, TableName name) throws SQLException, Unfit {
        return new SqliteTables(connection, name).table();
    }

    @Override
    public String oversize() {
        return "0";
    }

    @Override
    public String shown(Column column) {
        return "typeof(" + column.sql() + "), CASE typeof(" + column.sql() + ") WHEN 'text' THEN CAST(" + column.sql()
                + " AS BLOB) ELSE " + column.sql() + " END";
    }

    @Override
    public Json cell(ResultSet row, int index, Column column) throws SQLException {
        int at = 2 * index + 2;
        return switch (row.getString(at - 1)) {
            case "integer" -> JsonNumber.of(row.getLong(at));
            case "real" -> Cells.real(row.getDouble(at));
            case "text" -> Cells.text(bytes(row, at));
            case "blob" -> Cells.blob(bytes(row, at));
            default -> JsonNull.NULL;
        };
    }

    /// The driver has no bytes where there are none.
    private static byte[] bytes(ResultSet row, int at) throws SQLException {
        byte[] bytes = row.getBytes(at);
        return bytes == null ? new byte[0] : bytes;
    }

    @Override
    public String placeholder(Json cell, Column column) {
        Optional<byte[]> text = Cells.textBytes(cell);
        // What has no bytes would be bound as NULL.
        if (text.isPresent()) return text.get().length == 0 ? "substr(?, 1, 0)" : "CAST(? AS TEXT)";
        Optional<byte[]> blob = Cells.blobBytes(cell);
        return blob.isPresent() && blob.get().length == 0 ? "zeroblob(?)" : "?";
    }

    @Override
    public void bind(PreparedStatement statement, int at, Json cell) throws SQLException {
        Optional<byte[]> text = Cells.textBytes(cell);
        Optional<byte[]> blob = Cells.blobBytes(cell);
        Optional<Double> real = Cells.realValue(cell);
        if (text.isPresent() && text.get().length == 0) statement.setString(at, "-");
        else if (text.isPresent()) statement.setBytes(at, text.get());
        else if (blob.isPresent() && blob.get().length == 0) statement.setLong(at, 0);
        else if (blob.isPresent()) statement.setBytes(at, blob.get());
        else if (real.isPresent()) statement.setDouble(at, real.get());
        else if (cell == JsonNull.NULL) statement.setNull(at, Types.NULL);
        else if (cell instanceof JsonNumber number && number.exactLong().isPresent())
            statement.setLong(at, number.exactLong().getAsLong());
        else throw new IllegalArgumentException("no value of a column");
    }

    @Override
    public void bindParameter(PreparedStatement statement, int at, Json value) throws SQLException, Unfit {
        switch (value) {
            case JsonText(String text) -> statement.setString(at, text);
            case JsonNumber number
            when number.isInteger() && number.exactLong().isPresent() ->
                statement.setLong(at, number.exactLong().getAsLong());
            case JsonNumber number -> statement.setDouble(at, number.asDouble());
            case JsonBoolean flag -> statement.setInt(at, flag == JsonBoolean.TRUE ? 1 : 0);
            case JsonNull nothing -> statement.setNull(at, Types.NULL);
            case dev.guardrail.base.JsonArray array -> throw new Unfit("a parameter is a list");
            case dev.guardrail.base.JsonObject object -> throw new Unfit("a parameter is an object");
        }
    }

    /// As the column's affinity has it (sqlite.org/datatype3.html, section 3).
    @Override
    public Json key(Connection connection, Column column, Json value) throws Unfit {
        String type = column.type().toUpperCase(Locale.ROOT);
        boolean whole = value instanceof JsonNumber number
                && number.isInteger()
                && number.exactLong().isPresent();
        boolean text = value instanceof JsonText;
        if (type.contains("INT")) return whole ? value : number(value);
        if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT"))
            return text || Cells.textBytes(value).isPresent() ? value : whole ? new JsonText(value.toString()) : no();
        if (type.isEmpty() || type.contains("BLOB"))
            return whole || text || Cells.blobBytes(value).isPresent() ? value : no();
        return whole
                        || value instanceof JsonText(String word)
                                && !NUMERIC.matcher(word).matches()
                ? value
                : no();
    }

    private static Json number(Json value) throws Unfit {
        return value instanceof JsonText(String text) && WHOLE.matcher(text).matches()
                ? JsonNumber.of(Long.parseLong(text))
                : no();
    }

    private static Json no() throws Unfit {
        throw new Unfit("its key is not written as the column holds it");
    }

    @Override
    public String overriding() {
        return "";
    }

    @Override
    public Fault fault(SQLException failure) {
        if (!(failure instanceof SQLiteException known)) return Fault.BROKEN;
        return switch (known.getResultCode().code & 0xFF) {
            case 1, 20, 25 -> Fault.STATEMENT;
            case 5, 6 -> Fault.BUSY;
            case 9 -> Fault.SLOW;
            case 18 -> Fault.LARGE;
            case 19 -> Fault.CONSTRAINT;
            default -> Fault.BROKEN;
        };
    }
}
