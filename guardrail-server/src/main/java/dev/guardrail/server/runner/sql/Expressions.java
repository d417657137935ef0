package dev.guardrail.server.runner.sql;

import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What may stand in a statement's expressions: columns of its table, constants, operators, and functions of which is
/// known that they change nothing. In a condition they also have to find the same when they are asked again.
///
/// @param called the name that the statement gives the table
/// @param sqlite whether SQLite reads it; PostgreSQL otherwise
record Expressions(Table table, Optional<Token> called, boolean sqlite) {
    private static final Set<String> WORDS = Set.of(
            "AND", "OR", "NOT", "IS", "NULL", "ISNULL", "NOTNULL", "IN", "BETWEEN", "LIKE", "ESCAPE", "CASE", "WHEN",
            "THEN", "ELSE", "END", "TRUE", "FALSE");
    private static final Set<String> SQLITE_WORDS = Set.of("GLOB");
    private static final Set<String> POSTGRES_WORDS = Set.of("ILIKE");
    private static final Set<String> ROWID = Set.of("rowid", "oid", "_rowid_");

    private static final Set<String> PURE = Set.of(
            "lower",
            "upper",
            "length",
            "abs",
            "coalesce",
            "ifnull",
            "nullif",
            "trim",
            "ltrim",
            "rtrim",
            "btrim",
            "substr",
            "substring",
            "replace",
            "round",
            "instr",
            "strpos",
            "hex",
            "typeof",
            "min",
            "max",
            "greatest",
            "least",
            "char_length",
            "octet_length",
            "floor",
            "ceil",
            "ceiling",
            "mod",
            "sign",
            "left",
            "right",
            "split_part",
            "md5",
            "json_extract",
            "json_valid",
            "unicode");

    /// What may give something else each time, where nothing depends on it but the value that is written.
    private static final Set<String> FRESH = Set.of(
            "now",
            "date",
            "time",
            "datetime",
            "strftime",
            "julianday",
            "unixepoch",
            "random",
            "randomblob",
            "gen_random_uuid",
            "clock_timestamp",
            "statement_timestamp",
            "transaction_timestamp",
            "date_trunc",
            "concat",
            "concat_ws",
            "printf",
            "format",
            "to_char",
            "json",
            "jsonb",
            "json_object",
            "json_array",
            "json_set",
            "json_insert",
            "json_replace",
            "json_remove",
            "jsonb_set",
            "jsonb_build_object",
            "jsonb_build_array",
            "json_build_object",
            "to_json",
            "to_jsonb",
            "zeroblob",
            "make_interval",
            "round");
    private static final Set<String> FRESH_WORDS = Set.of(
            "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP", "LOCALTIME", "DEFAULT", "INTERVAL");

    private static final Set<String> TYPES = Set.of(
            "INTEGER",
            "INT",
            "BIGINT",
            "SMALLINT",
            "TEXT",
            "VARCHAR",
            "CHAR",
            "NUMERIC",
            "DECIMAL",
            "REAL",
            "BOOLEAN",
            "UUID",
            "JSON",
            "JSONB",
            "BLOB",
            "BYTEA",
            "DATE",
            "TIMESTAMP",
            "INT2",
            "INT4",
            "INT8",
            "FLOAT4",
            "FLOAT8");

    /// What PostgreSQL reads without a look at the session's settings.
    private static final Pattern PLAIN = Pattern.compile(
            "smallint|integer|bigint|numeric.*|real|double precision|text|character.*|boolean|uuid|bytea|jsonb?|date"
                    + "|timestamp.*without time zone");

    private static final Pattern ISO =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d(?:[ T]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?)?");

    /// A condition that finds the same rows whoever asks.
    void condition(List<Token> words) throws Unfit {
        judge(words, false);
        if (!sqlite) session(words);
    }

    /// A value to be written.
    void value(List<Token> words) throws Unfit {
        judge(words, true);
    }

    private void judge(List<Token> words, boolean fresh) throws Unfit {
        for (int at = 0; at < words.size(); at++) {
            Token word = words.get(at);
            if (word.is("AS") || word.is("::")) at = type(words, at + 1);
            else if (word.is("FROM") && at > 0 && words.get(at - 1).is("DISTINCT")) continue;
            else if (word.is("DISTINCT") && at > 0 && isAfterIs(words, at)) continue;
            else if (word.isName()) at = name(words, at, fresh);
            else if (word.is(".") || word.is(";")) throw new Unfit("it cannot be read as SQL");
        }
    }

    private static boolean isAfterIs(List<Token> words, int at) {
        Token before = words.get(at - 1);
        return before.is("IS")
                || before.is("NOT") && at > 1 && words.get(at - 2).is("IS");
    }

    /// @return where the type's name ends
    private static int type(List<Token> words, int at) throws Unfit {
        if (at >= words.size()
                || words.get(at).kind() != Token.Kind.WORD
                || !TYPES.contains(words.get(at).upper())) throw new Unfit("it names a type that is not followed");
        return at;
    }

    private int name(List<Token> words, int at, boolean fresh) throws Unfit {
        Token word = words.get(at);
        boolean plain = word.kind() == Token.Kind.WORD;
        if (at + 1 < words.size() && words.get(at + 1).is(".")) return qualified(words, at, fresh);
        boolean called = at + 1 < words.size() && words.get(at + 1).is("(");
        if (plain && isKeyWord(word, fresh)) return at;
        if (called) {
            function(word, fresh);
            return at;
        }
        if (column(word).isEmpty())
            throw new Unfit(
                    plain ? "`" + word.text() + "` in it is not followed" : "a name in it is no column of the table");
        return at;
    }

    private boolean isKeyWord(Token word, boolean fresh) {
        // A column may have such a name only in quotes, in either database.
        return WORDS.contains(word.upper())
                || (sqlite ? SQLITE_WORDS : POSTGRES_WORDS).contains(word.upper())
                || fresh && FRESH_WORDS.contains(word.upper())
                || word.is("CAST");
    }

    private static void function(Token word, boolean fresh) throws Unfit {
        String name = word.text().toLowerCase(Locale.ROOT);
        if (word.kind() != Token.Kind.WORD || !PURE.contains(name) && !(fresh && FRESH.contains(name)))
            throw new Unfit("it calls `" + word.text() + "`, of which is not known that it "
                    + (fresh ? "changes nothing else" : "finds the same again"));
    }

    /// `table.column`; where a row is in the way, also `excluded.column`.
    ///
    /// @return where the column stands
    private int qualified(List<Token> words, int at, boolean fresh) throws Unfit {
        Token table = words.get(at);
        boolean known =
                called.map(alias -> isSame(table, alias)).orElseGet(() -> Table.isSame(table, lastName(), sqlite))
                        || fresh && table.is("excluded");
        boolean column = at + 2 < words.size()
                && words.get(at + 2).isName()
                && column(words.get(at + 2)).isPresent()
                && !(at + 3 < words.size()
                        && (words.get(at + 3).is("(") || words.get(at + 3).is(".")));
        if (!known || !column) throw new Unfit("it names what is no column of its table");
        return at + 2;
    }

    private boolean isSame(Token one, Token other) {
        return Table.isSame(
                one,
                sqlite || other.kind() == Token.Kind.NAME
                        ? other.text()
                        : other.text().toLowerCase(Locale.ROOT),
                sqlite);
    }

    private String lastName() {
        return table.name().substring(table.name().lastIndexOf('.') + 1);
    }

    private Optional<String> column(Token word) {
        if (sqlite && ROWID.contains(word.text().toLowerCase(Locale.ROOT))) return Optional.of("rowid");
        return table.column(word, sqlite).map(Column::name);
    }

    /// What PostgreSQL understands by a text of a time is a matter of the session's settings, which are not ours.
    private void session(List<Token> words) throws Unfit {
        var times = new HashSet<String>();
        for (Token word : words) {
            if (word.is("DATE") || word.is("TIMESTAMP")) times.add(word.text());
            Optional<Column> column = word.isName() ? table.column(word, false) : Optional.empty();
            if (column.isEmpty()) continue;
            if (!PLAIN.matcher(column.get().type()).matches())
                throw new Unfit("what its condition finds depends on the session, by the column `"
                        + column.get().name() + "`");
            if (column.get().type().startsWith("date") || column.get().type().startsWith("time"))
                times.add(column.get().name());
        }
        for (Token word : words)
            if (!times.isEmpty()
                    && (word.kind() == Token.Kind.PLACE
                            || word.kind() == Token.Kind.TEXT
                                    && !ISO.matcher(word.text()).matches()))
                throw new Unfit("a time in its condition is not written as ISO 8601 has it");
    }
}
