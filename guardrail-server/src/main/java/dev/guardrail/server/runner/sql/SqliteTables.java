package dev.guardrail.server.runner.sql;

import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.server.runner.sql.Table.Counter;
import dev.guardrail.undo.Unfit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What a file of SQLite says of one of its tables.
record SqliteTables(Connection connection, TableName name) {
    private static final Pattern REPLACES = Pattern.compile("ON\\s+CONFLICT\\s+REPLACE", Pattern.CASE_INSENSITIVE);

    /// Rows of others that go with rows of the table.
    private static final String CASCADES = """
            SELECT count(*) FROM main.sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f
            WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE
                AND (f.on_update NOT IN ('NO ACTION', 'RESTRICT') OR f.on_delete NOT IN ('NO ACTION', 'RESTRICT'))""";

    /// Foreign keys that begin or end at the table.
    private static final String REFERS = """
            SELECT count(*) FROM main.sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f
            WHERE m.type = 'table' AND ?1 COLLATE NOCASE IN (f."table", m.name)""";

    Table table() throws SQLException, Unfit {
        if (!name.schema().equals("main")) throw new Unfit("`" + name.text() + "` is in no schema of the file");
        if (number("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                        + " AND name = ? COLLATE NOCASE")
                != 1) throw new Unfit("the database has no table `" + name.text() + "`");
        if (!text("SELECT encoding FROM pragma_encoding WHERE ? IS NOT NULL").equals("UTF-8"))
            throw new Unfit("the database's texts are not in UTF-8");
        if (number("SELECT count(*) FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE")
                > 0) throw new Unfit("`" + name.text() + "` has triggers, whose effects are not seen");
        if (number(CASCADES) > 0)
            throw new Unfit("rows of other tables go with those of `" + name.text() + "`, by a foreign key");
        String sql = text("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE");
        if (REPLACES.matcher(sql).find())
            throw new Unfit("rows of `" + name.text() + "` take each other's place, by a constraint");
        return known();
    }

    private Table known() throws SQLException, Unfit {
        var columns = new ArrayList<Column>();
        var key = new TreeMap<Integer, Column>();
        try (var query =
                connection.prepareStatement("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid")) {
            query.setString(1, name.name());
            ResultSet row = query.executeQuery();
            while (row.next()) {
                if (row.getInt("hidden") != 0) continue;
                var column = new Column(row.getString("name"), String.valueOf(row.getString("type")), true);
                columns.add(column);
                if (row.getInt("pk") > 0) key.put(row.getInt("pk"), column);
            }
        }
        if (key.isEmpty()) throw new Unfit("`" + name.text() + "` has no primary key");
        boolean alone =
                number("SELECT count(*) FROM pragma_index_list(?) WHERE \"unique\" = 1 AND origin <> 'pk'") == 0;
        List<Column> keys = List.copyOf(key.values());
        return new Table(name.text(), name.sql(), columns, keys, alone, !alone || number(REFERS) > 0, counter(keys));
    }

    /// An `INTEGER PRIMARY KEY` counts on by itself (sqlite.org/autoinc.html).
    private Optional<Counter> counter(List<Column> key) throws SQLException {
        boolean counts = key.size() == 1
                && key.getFirst().type().equalsIgnoreCase("INTEGER")
                && number("SELECT count(*) FROM pragma_index_list(?) WHERE origin = 'pk'") == 0
                && number("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND wr = 0"
                                + " AND name = ? COLLATE NOCASE")
                        == 1;
        if (!counts) return Optional.empty();
        long last = number("SELECT coalesce(max(rowid), 0) FROM " + name.sql() + " WHERE ? IS NOT NULL");
        boolean remembers =
                number("SELECT count(*) FROM main.sqlite_schema WHERE name = 'sqlite_sequence'" + " AND ? IS NOT NULL")
                        > 0;
        long given = remembers
                ? number("SELECT coalesce(max(seq), " + last + ") FROM sqlite_sequence WHERE name = ? COLLATE NOCASE")
                : last;
        return Optional.of(new Counter(Math.max(last, given), 1));
    }

    private long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    /// The one value that a query about the table has.
    private String text(String sql) throws SQLException {
        try (var query = connection.prepareStatement(sql)) {
            query.setString(1, name.name());
            ResultSet row = query.executeQuery();
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
