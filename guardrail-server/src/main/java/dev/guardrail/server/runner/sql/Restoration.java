package dev.guardrail.server.runner.sql;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.runner.sql.State.Row;
import dev.guardrail.server.runner.sql.Table.Column;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Makes rows what they were, inside one transaction.
///
/// @param now what they are
/// @param wanted the same rows as they were
record Restoration(Rows rows, State now, State wanted) {

    /// Changes no more of each row than it has to.
    void inPlace() throws SQLException {
        var inserts = new ArrayList<Row>();
        var updates = new ArrayList<Row>();
        for (int at = 0; at < wanted.rows().size(); at++) {
            Row old = now.rows().get(at);
            Row row = wanted.rows().get(at);
            if (old.equals(row)) continue;
            if (isUpdate(old, row)) {
                updates.add(row);
                continue;
            }
            if (old.cells().isPresent()) rows.delete(old.key());
            if (row.cells().isPresent()) inserts.add(row);
        }
        for (Row row : updates) rows.update(row.key(), row.cells().orElseThrow(), changed(before(row), row));
        insert(inserts);
    }

    /// Takes every row that has changed away before it puts any back: values that are unique may have been swapped.
    void anew() throws SQLException {
        var inserts = new ArrayList<Row>();
        for (int at = 0; at < wanted.rows().size(); at++) {
            Row old = now.rows().get(at);
            Row row = wanted.rows().get(at);
            if (old.equals(row)) continue;
            if (old.cells().isPresent()) rows.delete(old.key());
            if (row.cells().isPresent()) inserts.add(row);
        }
        insert(inserts);
    }

    private void insert(List<Row> inserts) throws SQLException {
        for (Row row : inserts) rows.insert(row.cells().orElseThrow());
    }

    private Row before(Row row) {
        return now.rows().get(wanted.rows().indexOf(row));
    }

    /// True where both are there, and only columns differ that a row can be given.
    private boolean isUpdate(Row old, Row row) {
        if (old.cells().isEmpty() || row.cells().isEmpty()) return false;
        Set<String> changed = changed(old, row);
        return rows.table().columns().stream()
                .filter(column -> changed.contains(column.name()))
                .allMatch(column -> column.settable() && !rows.table().isKey(column));
    }

    private Set<String> changed(Row old, Row row) {
        JsonObject before = old.cells().orElseThrow();
        JsonObject after = row.cells().orElseThrow();
        return rows.table().columns().stream()
                .map(Column::name)
                .filter(name -> !before.get(name).equals(after.get(name)))
                .collect(Collectors.toSet());
    }
}
