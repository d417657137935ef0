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

/// What a database of PostgreSQL says of one of its tables.
record PostgresTables(Connection connection, TableName name) {
    private static final String RELATION = """
            SELECT c.oid, c.relkind <> 'r' OR EXISTS
                    (SELECT FROM pg_inherits AS i WHERE c.oid IN (i.inhparent, i.inhrelid)) AS parted,
                c.relrowsecurity AS hidden, c.relhasrules AS rewritten,
                EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggered,
                EXISTS (SELECT FROM pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = c.oid
                    AND (f.confdeltype NOT IN ('a', 'r') OR f.confupdtype NOT IN ('a', 'r'))) AS cascades,
                EXISTS (SELECT FROM pg_constraint AS f
                    WHERE f.contype = 'f' AND c.oid IN (f.conrelid, f.confrelid)) AS refers,
                NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND NOT i.indisprimary
                    AND (i.indisunique OR i.indisexclusion)) AS alone
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?""";

    private static final String COLUMNS = """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attidentity,
                coalesce(array_position(i.indkey::int2[], a.attnum), -1) AS place
            FROM pg_attribute AS a LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
            WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum""";

    /// Only a sequence that hands out one number at a time tells what it has handed out.
    private static final String SEQUENCE = """
            SELECT s.seqincrement, pg_get_serial_sequence(?, ?) AS name
            FROM pg_sequence AS s
            WHERE s.seqrelid = pg_get_serial_sequence(?, ?)::regclass AND s.seqcache = 1 AND NOT s.seqcycle
                AND EXISTS (SELECT FROM pg_attribute AS a
                    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.attrelid = ? AND a.attname = ?
                        AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(''%''::regclass)'))""";

    Table table() throws SQLException, Unfit {
        try (var query = connection.prepareStatement(RELATION)) {
            query.setString(1, name.schema());
            query.setString(2, name.name());
            ResultSet row = query.executeQuery();
            if (!row.next()) throw new Unfit("the database has no table `" + name.text() + "`");
            if (row.getBoolean("parted")) throw new Unfit("`" + name.text() + "` is no plain table");
            if (row.getBoolean("hidden")) throw new Unfit("not everybody sees every row of `" + name.text() + "`");
            if (row.getBoolean("rewritten")) throw new Unfit("`" + name.text() + "` has rules");
            if (row.getBoolean("triggered"))
                throw new Unfit("`" + name.text() + "` has triggers, whose effects are not seen");
            if (row.getBoolean("cascades"))
                throw new Unfit("rows of other tables go with those of `" + name.text() + "`, by a foreign key");
            return known(row.getLong("oid"), row.getBoolean("alone"), row.getBoolean("refers"));
        }
    }

    private Table known(long oid, boolean alone, boolean refers) throws SQLException, Unfit {
        var columns = new ArrayList<Column>();
        var places = new ArrayList<Placed>();
        try (var query = connection.prepareStatement(COLUMNS)) {
            query.setLong(1, oid);
            ResultSet row = query.executeQuery();
            while (row.next()) {
                boolean settable = !"a".equals(row.getString("attidentity"));
                var column = new Column(row.getString("attname"), row.getString("type"), settable);
                columns.add(column);
                if (row.getInt("place") >= 0) places.add(new Placed(row.getInt("place"), column));
            }
        }
        places.sort(java.util.Comparator.comparingInt(Placed::place));
        List<Column> key = places.stream().map(Placed::column).toList();
        if (key.isEmpty()) throw new Unfit("`" + name.text() + "` has no primary key");
        return new Table(name.text(), name.sql(), columns, key, alone, !alone || refers, counter(oid, key));
    }

    private record Placed(int place, Column column) {}

    private Optional<Counter> counter(long oid, List<Column> key) throws SQLException {
        if (key.size() != 1) return Optional.empty();
        String column = key.getFirst().name();
        try (var query = connection.prepareStatement(SEQUENCE)) {
            query.setString(1, name.sql());
            query.setString(2, column);
            query.setString(3, name.sql());
            query.setString(4, column);
            query.setLong(5, oid);
            query.setString(6, column);
            ResultSet row = query.executeQuery();
            return row.next()
                    ? Optional.of(counter(row.getString("name"), row.getLong("seqincrement")))
                    : Optional.empty();
        }
    }

    /// @param sequence quoted where it needs to be
    private Counter counter(String sequence, long step) throws SQLException {
        try (var query = connection.prepareStatement("SELECT last_value, is_called FROM " + sequence)) {
            ResultSet row = query.executeQuery();
            row.next();
            long last = row.getLong("last_value");
            return new Counter(row.getBoolean("is_called") ? last : last - step, step);
        }
    }
}
