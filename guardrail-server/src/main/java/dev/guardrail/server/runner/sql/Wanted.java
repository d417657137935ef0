package dev.guardrail.server.runner.sql;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/// Which rows are asked about.
sealed interface Wanted {

    /// The one row of a key, there or not.
    record One(String name, JsonObject key) implements Wanted {}

    /// Those that a statement can change.
    record Reached(Statement statement, List<Json> parameters) implements Wanted {}

    static Wanted of(JsonObject target, boolean sqlite) throws Unfit {
        boolean one = target.text("table").isPresent() && target.object("key").isPresent();
        boolean statement = target.text("statement").isPresent();
        if (one == statement || one && target.has("params"))
            throw new Unfit("it is asked about either a `table` and a `key`, or a `statement`");
        if (one)
            return new One(
                    target.text("table").orElseThrow(), target.object("key").orElseThrow());
        String text = target.text("statement").orElseThrow();
        List<Json> parameters = target.array("params").map(JsonArray::items).orElse(List.of());
        if (StatementReader.places(text, sqlite) != parameters.size())
            throw new Unfit("the statement has not as many places as there are parameters");
        return new Reached(StatementReader.read(text, sqlite), parameters);
    }

    /// The table that it is about, among those that may be touched.
    default TableName table(List<TableName> tables, boolean sqlite) throws Unfit {
        List<TableName> found = tables.stream()
                .filter(table -> switch (this) {
                    case One(String name, JsonObject key) -> table.text().equals(name);
                    case Reached(Statement statement, List<Json> parameters) ->
                        table.isNamed(statement.table(), sqlite);
                })
                .toList();
        if (found.size() > 1) throw new Unfit("several of the server's tables have this name");
        if (found.isEmpty()) throw new Unfit("it is about none of the server's tables");
        return found.getFirst();
    }

    default Reach.Keys keys(Rows rows) throws SQLException, Unfit {
        return switch (this) {
            case One(String name, JsonObject key) -> one(rows, key);
            case Reached(Statement statement, List<Json> parameters) -> new Reach(rows, parameters).of(statement);
        };
    }

    private static Reach.Keys one(Rows rows, JsonObject given) throws SQLException, Unfit {
        var key = JsonObject.builder();
        if (given.members().size() != rows.table().key().size())
            throw new Unfit("its key has not the columns of the table's");
        for (Column column : rows.table().key()) {
            Json value =
                    given.get(column.name()).orElseThrow(() -> new Unfit("its key has not the columns of the table's"));
            key.with(column.name(), rows.dialect().key(rows.connection(), column, value));
        }
        return new Reach.Keys(List.of(key.build()), OptionalLong.empty());
    }
}
