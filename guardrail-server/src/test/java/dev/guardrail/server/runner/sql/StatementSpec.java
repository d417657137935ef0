package dev.guardrail.server.runner.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.server.runner.sql.Table.Column;
import dev.guardrail.undo.Unfit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Which statements are followed, and what is said of the others.
final class StatementSpec {
    private static final Table TABLE = new Table(
            "t",
            "\"main\".\"t\"",
            List.of(column("id"), column("a"), column("b")),
            List.of(column("id")),
            true,
            false,
            Optional.empty());

    private static Column column(String name) {
        return new Column(name, "integer", true);
    }

    /// What makes a statement one that is not followed, where its table needs no look.
    private static String why(String text, boolean sqlite) {
        return assertThrows(Unfit.class, () -> judged(text, sqlite), text).why();
    }

    private static void judged(String text, boolean sqlite) throws Unfit {
        Statement statement = StatementReader.read(text, sqlite);
        switch (statement) {
            case Statement.Insert insert -> {
                for (var row : insert.rows())
                    for (var value : row) new Expressions(TABLE, Optional.empty(), sqlite).value(value);
            }
            case Statement.Update update -> {
                var expressions = new Expressions(TABLE, update.alias(), sqlite);
                for (var assignment : update.assignments()) expressions.value(assignment.expression());
                expressions.condition(update.where());
            }
            case Statement.Delete delete -> new Expressions(TABLE, delete.alias(), sqlite).condition(delete.where());
        }
    }

    @TestFactory
    Stream<DynamicTest> what_is_not_followed_says_why() {
        return Stream.of(
                        "DELETE FROM t; DELETE FROM t|it is more than one statement",
                        "|there is no statement",
                        "; ;|there is no statement",
                        "SELECT 1|only a plain `INSERT`, `UPDATE` or `DELETE` can be taken back, and it begins with `SELECT`",
                        "DROP TABLE t|only a plain `INSERT`, `UPDATE` or `DELETE` can be taken back, and it begins with `DROP`",
                        "WITH x AS (SELECT 1) DELETE FROM t|only a plain `INSERT`, `UPDATE` or `DELETE` can be taken back, and it begins with `WITH`",
                        "'secret' DELETE|only a plain `INSERT`, `UPDATE` or `DELETE` can be taken back, and it begins with `…`",
                        "DELETE FROM t WHERE a = 1 RETURNING a|`RETURNING` in it is not followed",
                        "DELETE FROM t WHERE a = 1 ORDER BY a LIMIT 1|`ORDER` in it is not followed",
                        "DELETE FROM t WHERE a IN (SELECT a FROM u)|`SELECT` in it is not followed",
                        "DELETE FROM t WHERE EXISTS (SELECT 1)|it calls `EXISTS`, of which is not known that it finds the same again",
                        "DELETE FROM t WHERE random() < 5|it calls `random`, of which is not known that it finds the same again",
                        "DELETE FROM t WHERE now() > a|it calls `now`, of which is not known that it finds the same again",
                        "DELETE FROM t WHERE a < CURRENT_TIMESTAMP|`CURRENT_TIMESTAMP` in it is not followed",
                        "DELETE FROM t WHERE \"lower\"(a) = 1|it calls `lower`, of which is not known that it finds the same again",
                        "DELETE FROM t WHERE c = 1|`c` in it is not followed",
                        "DELETE FROM t WHERE \"c\" = 1|a name in it is no column of the table",
                        "DELETE FROM t WHERE u.a = 1|it names what is no column of its table",
                        "DELETE FROM t AS x WHERE t.a = 1|it names what is no column of its table",
                        "DELETE FROM t WHERE a = 1)|`)` in it is not followed",
                        "DELETE FROM t WHERE (a = 1|it cannot be read as SQL",
                        "DELETE FROM t WHERE|it cannot be read as SQL",
                        "DELETE FROM t WHERE a = 'open|the statement has a sign that is not followed",
                        "DELETE FROM t WHERE a = 1 /* /* */ */|the statement has an operator that is not followed",
                        "DELETE FROM t WHERE a @> b|the statement has an operator that is not followed",
                        "DELETE FROM t WHERE a = 0x10|the statement has a number of a form that is not followed",
                        "DELETE FROM t WHERE a = :name|the statement has a sign that is not followed",
                        "DELETE FROM t WHERE CAST(a AS regclass) = 1|it names a type that is not followed",
                        "UPDATE t SET a = (SELECT 1)|`SELECT` in it is not followed",
                        "UPDATE t SET a = nextval('s')|it calls `nextval`, of which is not known that it changes nothing else",
                        "UPDATE t SET a = load_extension('x')|it calls `load_extension`, of which is not known that it changes nothing else",
                        "UPDATE t SET a = u.a FROM u WHERE u.b = t.b|it names what is no column of its table",
                        "UPDATE t SET (a, b) = (1, 2)|it cannot be read as SQL",
                        "UPDATE t SET a = 1, WHERE b = 2|`=` does not stand where it is looked for, but `b`",
                        "INSERT INTO t SELECT * FROM u|what it inserts does not stand in `VALUES`",
                        "INSERT INTO t (a) VALUES ((SELECT 1))|`SELECT` in it is not followed",
                        "INSERT INTO t VALUES (1) RETURNING id|`RETURNING` in it is not followed",
                        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING ON CONFLICT DO NOTHING|`ON` in it is not followed",
                        "DELETE FROM t \u00A0WHERE a = 1|the statement has a sign that is not followed")
                .flatMap(line -> {
                    String text = line.substring(0, line.lastIndexOf('|'));
                    String said = line.substring(line.lastIndexOf('|') + 1);
                    return Stream.of(true, false)
                            .map(sqlite -> dynamicTest(
                                    text + (sqlite ? " (SQLite)" : " (PostgreSQL)"),
                                    () -> assertEquals(said, why(text, sqlite))));
                });
    }

    @TestFactory
    Stream<DynamicTest> each_database_has_forms_of_its_own() {
        return Map.of(
                        "DELETE FROM t WHERE a = E'x'",
                                "the statement has a text or name of a form that is not followed",
                        "DELETE FROM t WHERE a = 'x\\'' OR 1=1 --'", "a text in the statement has a backslash",
                        "DELETE FROM t WHERE a = $$x$$", "the statement has a sign that is not followed",
                        "DELETE FROM t WHERE a = U&'x'",
                                "the statement has a text or name of a form that is not followed",
                        "DELETE FROM `t`", "the statement has a sign that is not followed",
                        "DELETE FROM t WHERE a GLOB 'x'", "`GLOB` in it is not followed",
                        "INSERT OR IGNORE INTO t VALUES (1)", "`INTO` does not stand where it is looked for, but `OR`",
                        "DELETE FROM t WHERE rowid = 1", "`rowid` in it is not followed")
                .entrySet()
                .stream()
                .map(entry ->
                        dynamicTest(entry.getKey(), () -> assertEquals(entry.getValue(), why(entry.getKey(), false))));
    }

    @TestFactory
    Stream<DynamicTest> what_is_followed() {
        return Stream.of(
                        "DELETE FROM t",
                        "delete from T where A = 1 and (B is not null or not a in (1, 2)) ;",
                        "DELETE FROM t WHERE t.a = 'it''s' -- why\n AND /* and */ b <> -1.5e3",
                        "DELETE FROM t AS x WHERE x.a IS NOT DISTINCT FROM x.b",
                        "DELETE FROM t WHERE \"a\" = 1 AND CASE WHEN a > 1 THEN b ELSE a END = 2",
                        "DELETE FROM t WHERE CAST(a AS TEXT) LIKE '%\uD83D\uDE42%' ESCAPE '!'",
                        "UPDATE t SET a = coalesce(b, 0) + length('x'), b = CURRENT_TIMESTAMP WHERE id = ?",
                        "UPDATE t SET a = random()",
                        "INSERT INTO t VALUES (1, 2, 3), (2, NULL, -3);",
                        "INSERT INTO t (id) VALUES (?)",
                        "INSERT INTO t DEFAULT VALUES",
                        "INSERT INTO t (id, a) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET a = excluded.a WHERE t.a < 5")
                .flatMap(text -> Stream.of(true, false)
                        .map(sqlite -> dynamicTest(
                                text + (sqlite ? " (SQLite)" : " (PostgreSQL)"), () -> judged(text, sqlite))));
    }

    @Test
    void what_is_asked_is_written_anew_from_the_words() throws Exception {
        var delete = (Statement.Delete)
                StatementReader.read("DELETE FROM t WHERE `a`='it''s'/*x*/OR[b]=X'0aFF'--\nAND a<-?", true);
        assertEquals(
                "\"a\" = 'it''s' OR \"b\" = X'0aFF' AND a < - ?",
                delete.where().stream().map(Token::sql).collect(Collectors.joining(" ")));
    }
}
