package dev.guardrail.server.runner.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.PathFacts;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows of a file of SQLite.
final class SqliteRowsSpec extends RowsContract {
    private static final List<String> DUMPS = List.of(
            "SELECT quote(id) || quote(item) || quote(qty) || quote(price) || quote(paid) || quote(raw) || quote(note)"
                    + " FROM orders ORDER BY id",
            "SELECT quote(shelf) || quote(bin) || quote(place) || quote(item) FROM stock ORDER BY shelf, bin",
            "SELECT quote(id) || quote(\"order\") FROM parts ORDER BY id");

    @TempDir
    Path directory;

    @Override
    Shop shop() throws SQLException {
        var made = new Shop("jdbc:sqlite:" + directory.resolve("shop.db"), DUMPS);
        made.run(
                "PRAGMA journal_mode = WAL",
                "PRAGMA foreign_keys = true",
                "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT, qty INTEGER, price REAL,"
                        + " paid BOOLEAN, raw BLOB, note TEXT)",
                "CREATE TABLE stock (shelf TEXT, bin INTEGER, place INTEGER UNIQUE, item, PRIMARY KEY (shelf, bin))",
                "CREATE TABLE parts (id INTEGER PRIMARY KEY, \"order\" INTEGER REFERENCES orders (id))");
        return made;
    }

    @Override
    Database database() {
        return new Database.File(directory.resolve("shop.db"), System::nanoTime);
    }

    @Override
    boolean sqlite() {
        return true;
    }

    @Override
    Database nowhere() {
        return new Database.File(directory.resolve("none.db"), System::nanoTime);
    }

    @Test
    void a_file_that_is_not_there_is_not_made() {
        what_cannot_be_reached_is_a_fault_and_not_an_answer();
        assertFalse(Files.exists(directory.resolve("none.db")));
    }

    @Test
    void every_value_is_kept_exactly() throws Exception {
        shop.run(
                "CREATE TABLE odd (k TEXT PRIMARY KEY, v) WITHOUT ROWID",
                "INSERT INTO odd VALUES ('max', 9223372036854775807), ('min', -9223372036854775808), ('one', 1),"
                        + " ('one.', 1.0), ('text', '1'), ('tiny', 5e-324), ('huge', 1.7976931348623157e308),"
                        + " ('inf', 9e999), ('-inf', -9e999), ('third', 0.1), ('null', NULL), ('', ''), ('nob', X''),"
                        + " ('nul', 'a' || char(0) || 'b'), ('bytes', X'00FF'), ('broken', CAST(X'61FF62' AS TEXT)),"
                        + " ('fffd', char(65533)), ('smile', '🙂'), ('line', 'a' || char(10) || 'b')");
        rows = rows("odd");
        String all =
                "SELECT group_concat(k || '=' || typeof(v) || hex(CAST(v AS BLOB)) || printf('%!.26g', v)) FROM odd";
        Optional<String> dump = shop.value(all);
        JsonObject target = statement("DELETE FROM odd");
        Look.Seen before = look(target);
        assertTrue(before.state()
                .toString()
                .contains("{\"key\":{\"k\":\"one.\"},\"row\":{\"k\":\"one.\",\"v\":{\"real\":\"1.0\"}}}"));
        assertTrue(before.state().toString().contains("{\"text\":\"77+9\"}"), "what stands for no text is no text");
        assertFalse(before.state().toString().contains("\uFFFD"));
        shop.run("DELETE FROM odd");

        assertInstanceOf(Restored.Done.class, restore(target, before, again(target, before, true)));

        assertEquals(dump, shop.value(all));
    }

    @Test
    void a_key_is_written_as_its_column_holds_it() throws Exception {
        JsonObject text = JsonObject.with("table", "orders")
                .with("key", JsonObject.with("id", "2").build())
                .build();
        assertEquals(look(order(2)), look(text));
        for (var wrong : List.of(new JsonText("02"), new JsonText("x"), new JsonNumber("2.5"))) {
            var seen = rows.look(text.set("key", JsonObject.with("id", wrong).build()), PathFacts.NONE);
            assertEquals(
                    "its key is not written as the column holds it",
                    assertInstanceOf(Look.Unfit.class, seen).why());
        }
        var other = rows.look(text.set("key", JsonObject.with("item", "nut").build()), PathFacts.NONE);
        assertEquals(
                "its key has not the columns of the table's",
                assertInstanceOf(Look.Unfit.class, other).why());
    }

    @Test
    void a_row_that_takes_the_place_of_another_is_followed_where_its_key_alone_is_unique() throws Exception {
        thereAndBack("INSERT OR REPLACE INTO orders (id, item) VALUES (2, 'z'), (12, 'y')");
        thereAndBack("REPLACE INTO orders (id, item) VALUES (3, 'z')");
        assertEquals(
                "it may take the place of rows that it does not name",
                unfit("INSERT OR REPLACE INTO stock VALUES ('z', 9, 1, 'x')"));
        assertEquals(
                "it may take the place of rows that it does not name", unfit("UPDATE OR REPLACE stock SET place = 1"));
        shop.run("CREATE TABLE taken (id INTEGER PRIMARY KEY, x UNIQUE ON  conflict replace)");
        rows = rows("taken");
        assertEquals(
                "rows of `taken` take each other's place, by a constraint", unfit("INSERT INTO taken VALUES (1, 1)"));
    }

    @Test
    void a_table_whose_changes_reach_further_is_not_followed() throws Exception {
        shop.run(
                "CREATE TABLE watched (id INTEGER PRIMARY KEY)",
                "CREATE TRIGGER seen AFTER INSERT ON watched BEGIN DELETE FROM orders; END",
                "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
                "CREATE TABLE child (id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE)",
                "CREATE TABLE bare (x)",
                "CREATE VIEW shown AS SELECT * FROM orders",
                "CREATE VIRTUAL TABLE found USING fts5(x)");
        rows = rows("watched", "parent", "child", "bare", "shown", "found", "none");
        assertEquals("`watched` has triggers, whose effects are not seen", unfit("INSERT INTO watched VALUES (1)"));
        assertEquals("rows of other tables go with those of `parent`, by a foreign key", unfit("DELETE FROM parent"));
        assertEquals("`bare` has no primary key", unfit("DELETE FROM bare"));
        assertEquals("the database has no table `shown`", unfit("DELETE FROM shown"));
        assertEquals("the database has no table `found`", unfit("DELETE FROM found"));
        assertEquals("the database has no table `none`", unfit("DELETE FROM none"));
        look(statement("DELETE FROM child"));

        shop.run("DROP TRIGGER seen");
        look(statement("INSERT INTO watched VALUES (1)"));
    }

    @Test
    void a_trigger_that_is_new_since_stands_in_the_way_of_putting_back() throws Exception {
        Look.Seen before = look(order(2));
        shop.run("DELETE FROM orders WHERE id = 2");
        Look.Seen left = look(order(2));
        shop.run("CREATE TRIGGER seen AFTER INSERT ON orders BEGIN DELETE FROM stock; END");
        assertInstanceOf(Restored.Refused.class, restore(order(2), before, left));
        assertEquals(Optional.empty(), shop.value("SELECT id FROM orders WHERE id = 2"));

        shop.run("DROP TRIGGER seen");
        assertInstanceOf(Restored.Done.class, restore(order(2), before, left));
    }

    @Test
    void keys_follow_the_highest_one_where_nothing_remembers_them() throws Exception {
        shop.run("CREATE TABLE plain (id INTEGER PRIMARY KEY, x)", "INSERT INTO plain VALUES (5, 'x')");
        rows = rows("plain", "stock");
        assertEquals(
                List.of("rows/plain/6"),
                look(statement("INSERT INTO plain (x) VALUES (1)")).touches());
        assertEquals(
                List.of("rows/plain/6"),
                look(statement("INSERT INTO plain DEFAULT VALUES")).touches());
        assertEquals(
                "the key of the new row does not stand in it", unfit("INSERT INTO plain (id, x) VALUES (NULL, 1)"));
        assertEquals("the key of the new row does not stand in it", unfit("INSERT INTO plain VALUES (abs(3), 1)"));
        assertEquals("the key of the new row does not stand in it", unfit("INSERT INTO stock (item) VALUES (1)"));
        assertEquals(
                "the key of the new row does not stand in it", unfit("INSERT OR IGNORE INTO plain (x) VALUES (1)"));
    }

    @Test
    void somebody_who_holds_the_file_is_waited_for_and_then_nothing_was_done() throws Exception {
        Look.Seen before = look(order(2));
        shop.run("DELETE FROM orders WHERE id = 2");
        Look.Seen left = look(order(2));
        var hasty = new Sqlite(directory.resolve("shop.db"), Duration.ofMillis(20), System::nanoTime);
        var impatient = new SqlRows("rows", hasty, List.of("orders"));
        shop.run("BEGIN IMMEDIATE");
        var refused = impatient.restore(order(2), before.state(), left.version(), BY, PathFacts.NONE);
        assertEquals("others are at the same rows all the time", ((Restored.Refused) refused).why());
        shop.run("ROLLBACK");
        assertEquals(
                new Restored.Done(), impatient.restore(order(2), before.state(), left.version(), BY, PathFacts.NONE));
    }

    @Test
    void a_condition_that_takes_too_long_is_not_waited_for() throws Exception {
        var clock = new AtomicLong();
        var slow =
                new Sqlite(directory.resolve("shop.db"), Duration.ofSeconds(5), () -> clock.getAndAdd(3_000_000_000L));
        var seen = new SqlRows("rows", slow, List.of("orders"))
                .look(
                        statement("DELETE FROM orders WHERE " + "replace(".repeat(60) + "hex(item)"
                                + ", '7', '7777')".repeat(60) + " = 'x'"),
                        PathFacts.NONE);
        String why = assertInstanceOf(Look.Unfit.class, seen).why();
        assertTrue(why.contains("too long") || why.contains("700 KiB"), why);
    }
}
