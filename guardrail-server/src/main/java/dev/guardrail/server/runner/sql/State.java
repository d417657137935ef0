package dev.guardrail.server.runner.sql;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Rows of one table, in the order of their keys' text.
///
/// @param table as it is configured
/// @param last key that the table's counter gave last, where it gives the keys of these rows
record State(String table, List<Row> rows, OptionalLong last) {
    State {
        rows = rows.stream()
                .sorted(Comparator.comparing(row -> row.key().toString()))
                .toList();
    }

    /// One row, or that there is none.
    ///
    /// @param key what it is found by
    /// @param cells every column that can be written; empty where there is no such row
    record Row(JsonObject key, Optional<JsonObject> cells) {}

    List<JsonObject> keys() {
        return rows.stream().map(Row::key).toList();
    }

    JsonObject json() {
        var items = rows.stream()
                .map(row -> (Json) JsonObject.with("key", row.key())
                        .with("row", row.cells().map(cells -> (Json) cells).orElse(JsonNull.NULL))
                        .build())
                .toList();
        var json = JsonObject.with("table", table).with("rows", new JsonArray(items));
        last.ifPresent(number -> json.with("last", JsonNumber.of(number)));
        return json.build();
    }

    String version() {
        return Sha256.of(json()).toString();
    }

    /// @throws Unfit where it is none of the table's as it is now
    static State of(JsonObject json, Table table) throws Unfit {
        if (!json.text("table").equals(Optional.of(table.name()))) throw unknown();
        var rows = new ArrayList<Row>();
        for (Json item : json.array("rows").orElseThrow(State::unknown).items()) {
            if (!(item instanceof JsonObject row)) throw unknown();
            JsonObject key = row.object("key").orElseThrow(State::unknown);
            Optional<JsonObject> cells = row.object("row");
            if (cells.isEmpty() && row.get("row").orElseThrow(State::unknown) != JsonNull.NULL) throw unknown();
            if (!fits(key, table.key()) || cells.isPresent() && !fits(cells.get(), table.columns()))
                throw new Unfit("the columns of `" + table.name() + "` have changed since");
            rows.add(new Row(key, cells));
        }
        return new State(table.name(), rows, json.integer("last"));
    }

    private static boolean fits(JsonObject values, List<Column> columns) {
        return values.members().size() == columns.size()
                && columns.stream().allMatch(column -> values.has(column.name()));
    }

    private static Unfit unknown() {
        return new Unfit("it is no state of these rows");
    }

    /// What the rows are called, as others that look at them call them, too.
    ///
    /// @param server whose tables they are of
    /// @param tied true where they depend on other rows of the server's: then they are about all of it
    List<String> touches(String server, boolean tied) {
        var names = new ArrayList<String>();
        for (Row row : rows)
            names.add(server + "/" + table
                    + row.key().members().values().stream()
                            .map(value -> "/" + part(value))
                            .reduce("", String::concat));
        if (tied && !names.isEmpty()) names.add(server);
        return names;
    }

    private static String part(Json value) {
        String text = value instanceof JsonText(String word) ? word : value.toString();
        return text.replace("%", "%25").replace("/", "%2F");
    }
}
