package dev.guardrail.server.runner.sql;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.server.runner.sql.State.Row;
import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows of one table, as one transaction sees them.
record Rows(Dialect dialect, Connection connection, Table table) {
    /// Most rows of one state.
    static final int MOST = 1_000;

    /// Largest state, in bytes.
    static final int BYTES = 700 * 1024;

    /// Reads rows by their keys.
    ///
    /// @param last what the table's counter gave last, where it gives these keys
    /// @throws Unfit where they are too many or too large
    State state(List<JsonObject> keys, OptionalLong last) throws SQLException, Unfit {
        var rows = new ArrayList<Row>();
        long bytes = 0;
        for (JsonObject key : new LinkedHashSet<>(keys)) {
            Row row = row(key);
            bytes += JsonWriter.bytes(row.key()).length;
            bytes += row.cells().map(cells -> JsonWriter.bytes(cells).length).orElse(0);
            if (rows.size() == MOST) throw many();
            if (bytes > BYTES) throw large();
            rows.add(row);
        }
        return new State(table.name(), rows, last);
    }

    static Unfit many() {
        return Unfit.large("it is about more than " + MOST + " rows");
    }

    static Unfit large() {
        return Unfit.large("its rows are larger than 700 KiB");
    }

    private Row row(JsonObject key) throws SQLException, Unfit {
        String from = " FROM " + table.sql() + " AS guarded WHERE " + condition(key);
        try (var sized = connection.prepareStatement("SELECT " + dialect.oversize() + from)) {
            bind(sized, 1, key, table.key());
            ResultSet size = sized.executeQuery();
            if (!size.next()) return new Row(key, java.util.Optional.empty());
            if (size.getBoolean(1)) throw large();
        }
        try (var query = connection.prepareStatement("SELECT " + shown(table.columns()) + from)) {
            bind(query, 1, key, table.key());
            ResultSet found = query.executeQuery();
            found.next();
            return new Row(key, java.util.Optional.of(cells(found, table.columns())));
        }
    }

    /// Keys of the rows that a condition finds.
    ///
    /// @param called how the condition calls the table
    /// @param where nothing where every row is meant
    /// @param parameters of the places in it
    List<JsonObject> keys(String called, List<Token> where, List<Json> parameters) throws SQLException, Unfit {
        String condition = where.isEmpty()
                ? ""
                : " WHERE " + where.stream().map(Token::sql).collect(Collectors.joining(" "));
        var keys = new ArrayList<JsonObject>();
        try (var query = connection.prepareStatement("SELECT " + shown(table.key()) + " FROM " + table.sql() + called
                + condition + " LIMIT " + (MOST + 1))) {
            int at = 1;
            for (Token word : where)
                if (word.kind() == Token.Kind.PLACE)
                    dialect.bindParameter(query, at++, parameters.get(Integer.parseInt(word.text())));
            ResultSet found = query.executeQuery();
            while (found.next()) {
                JsonObject key = cells(found, table.key());
                if (key.members().containsValue(JsonNull.NULL)) throw new Unfit("a row that it changes has no key");
                keys.add(key);
            }
        }
        if (keys.size() > MOST) throw many();
        return keys;
    }

    private String shown(List<Column> columns) {
        return columns.stream().map(dialect::shown).collect(Collectors.joining(", "));
    }

    private JsonObject cells(ResultSet row, List<Column> columns) throws SQLException {
        var cells = JsonObject.builder();
        for (int index = 0; index < columns.size(); index++)
            cells.with(columns.get(index).name(), dialect.cell(row, index, columns.get(index)));
        return cells.build();
    }

    /// Inserts a row that is not there.
    void insert(JsonObject cells) throws SQLException {
        String names = table.columns().stream().map(Column::sql).collect(Collectors.joining(", "));
        String values = table.columns().stream()
                .map(column -> dialect.placeholder(value(cells, column), column))
                .collect(Collectors.joining(", "));
        String sql =
                "INSERT INTO " + table.sql() + " (" + names + ")" + dialect.overriding() + " VALUES (" + values + ")";
        try (var insert = connection.prepareStatement(sql)) {
            bind(insert, 1, cells, table.columns());
            insert.executeUpdate();
        }
    }

    /// Gives a row that is there other values.
    void update(JsonObject key, JsonObject cells, Set<String> changed) throws SQLException {
        List<Column> set = table.columns().stream()
                .filter(column -> changed.contains(column.name()))
                .toList();
        String values = set.stream()
                .map(column -> column.sql() + " = " + dialect.placeholder(value(cells, column), column))
                .collect(Collectors.joining(", "));
        try (var update =
                connection.prepareStatement("UPDATE " + table.sql() + " SET " + values + " WHERE " + condition(key))) {
            int at = bind(update, 1, cells, set);
            bind(update, at, key, table.key());
            update.executeUpdate();
        }
    }

    void delete(JsonObject key) throws SQLException {
        try (var delete = connection.prepareStatement("DELETE FROM " + table.sql() + " WHERE " + condition(key))) {
            bind(delete, 1, key, table.key());
            delete.executeUpdate();
        }
    }

    private String condition(JsonObject key) {
        return table.key().stream()
                .map(column -> column.sql() + " = " + dialect.placeholder(value(key, column), column))
                .collect(Collectors.joining(" AND "));
    }

    /// @return where the next parameter stands
    private int bind(PreparedStatement statement, int from, JsonObject cells, List<Column> columns)
            throws SQLException {
        for (int at : IntStream.range(0, columns.size()).toArray())
            dialect.bind(statement, from + at, value(cells, columns.get(at)));
        return from + columns.size();
    }

    private static Json value(JsonObject cells, Column column) {
        return cells.get(column.name()).orElse(JsonNull.NULL);
    }
}
