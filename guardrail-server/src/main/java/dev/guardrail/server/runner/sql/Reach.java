package dev.guardrail.server.runner.sql;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.server.runner.sql.Statement.Assignment;
import dev.guardrail.server.runner.sql.Statement.Clash;
import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.server.runner.sql.Table.Counter;
import dev.guardrail.undo.Unfit;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Which rows a statement can change: their keys, before it runs.
///
/// @param parameters of its places
record Reach(Rows rows, List<Json> parameters) {

    /// @param last what the table's counter has given last when the statement has run, where it gives the keys
    record Keys(List<JsonObject> keys, OptionalLong last) {}

    Keys of(Statement statement) throws SQLException, Unfit {
        return switch (statement) {
            case Statement.Insert insert -> inserted(insert);
            case Statement.Update update -> {
                var expressions = expressions(update.alias());
                changed(expressions, update.assignments());
                yield found(expressions, update.alias(), update.where());
            }
            case Statement.Delete delete -> found(expressions(delete.alias()), delete.alias(), delete.where());
        };
    }

    private Table table() {
        return rows.table();
    }

    private boolean sqlite() {
        return rows.dialect().isSqlite();
    }

    private Expressions expressions(Optional<Token> alias) {
        return new Expressions(table(), alias, sqlite());
    }

    private Keys found(Expressions expressions, Optional<Token> alias, List<Token> where) throws SQLException, Unfit {
        expressions.condition(where);
        String called = alias.map(name -> " AS " + name.sql()).orElse("");
        return new Keys(rows.keys(called, where, parameters), OptionalLong.empty());
    }

    private void changed(Expressions expressions, List<Assignment> assignments) throws Unfit {
        for (Assignment assignment : assignments) {
            Column column = column(assignment.column());
            if (table().isKey(column)) throw new Unfit("it changes the key `" + column.name() + "`");
            expressions.value(assignment.expression());
        }
    }

    private Column column(Token word) throws Unfit {
        return table().column(word, sqlite())
                .orElseThrow(() -> new Unfit("it names what is no column of its table that can be written"));
    }

    private Keys inserted(Statement.Insert insert) throws SQLException, Unfit {
        var expressions = expressions(Optional.empty());
        for (List<List<Token>> row : insert.rows()) for (List<Token> value : row) expressions.value(value);
        clash(insert.clash(), expressions);
        if (insert.defaults()) return counted(insert, 1);
        List<Column> columns = new ArrayList<>();
        for (Token word : insert.columns()) columns.add(column(word));
        if (insert.columns().isEmpty()) columns.addAll(table().columns());
        for (List<List<Token>> row : insert.rows())
            if (row.size() != columns.size()) throw new Unfit("it does not give each column one value");
        if (table().key().stream().noneMatch(columns::contains))
            return counted(insert, insert.rows().size());
        var keys = new ArrayList<JsonObject>();
        for (List<List<Token>> row : insert.rows()) keys.add(key(columns, row));
        return new Keys(keys, OptionalLong.empty());
    }

    /// A row that is there is the one with the key, or nothing is done with it.
    private void clash(Clash clash, Expressions expressions) throws Unfit {
        switch (clash) {
            case Clash.Fail fail -> {}
            case Clash.Ignore ignore -> {}
            case Clash.Replace replace -> {
                if (!table().alone()) throw new Unfit("it may take the place of rows that it does not name");
            }
            case Clash.Change(List<Token> on, List<Assignment> assignments, List<Token> where) -> {
                var named = new ArrayList<Column>();
                for (Token word : on) named.add(column(word));
                if (named.size() != table().key().size() || !named.containsAll(table().key()))
                    throw new Unfit("it may change rows that it does not name");
                changed(expressions, assignments);
                expressions.value(where);
            }
        }
    }

    private JsonObject key(List<Column> columns, List<List<Token>> row) throws SQLException, Unfit {
        var key = JsonObject.builder();
        for (Column column : table().key()) {
            int at = columns.indexOf(column);
            Json value = at < 0 ? null : constant(row.get(at));
            if (value == null) throw new Unfit("the key of the new row does not stand in it");
            key.with(column.name(), rows.dialect().key(rows.connection(), column, value));
        }
        return key.build();
    }

    /// @return null where it is no constant
    private @org.jspecify.annotations.Nullable Json constant(List<Token> words) {
        boolean negative = words.size() == 2 && words.getFirst().is("-");
        if (words.size() != 1 && !negative) return null;
        Token word = words.getLast();
        return switch (word.kind()) {
            case NUMBER -> number((negative ? "-" : "") + word.text());
            case TEXT -> negative ? null : new JsonText(word.text());
            case BLOB -> negative ? null : Cells.blob(HexFormat.of().parseHex(word.text()));
            case PLACE -> negative ? null : parameters.get(Integer.parseInt(word.text()));
            case WORD, NAME, SIGN -> null;
        };
    }

    private static @org.jspecify.annotations.Nullable Json number(String literal) {
        try {
            return new JsonNumber(literal);
        } catch (IllegalArgumentException other) {
            return null;
        }
    }

    /// Rows whose keys the table counts: those that follow the last one it gave.
    private Keys counted(Statement.Insert insert, int number) throws Unfit {
        if (table().counter().isEmpty() || !(insert.clash() instanceof Clash.Fail))
            throw new Unfit("the key of the new row does not stand in it");
        Counter counter = table().counter().get();
        long last = counter.last();
        var keys = new ArrayList<JsonObject>();
        String name = table().key().getFirst().name();
        try {
            for (int row = 0; row < number; row++) {
                last = Math.addExact(last, counter.step());
                keys.add(JsonObject.with(name, JsonNumber.of(last)).build());
            }
        } catch (ArithmeticException beyond) {
            throw new Unfit("no key follows the last one");
        }
        return new Keys(keys, OptionalLong.of(last));
    }
}
