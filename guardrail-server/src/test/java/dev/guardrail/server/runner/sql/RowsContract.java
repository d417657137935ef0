package dev.guardrail.server.runner.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/// What holds of rows in either database. `orders` counts its keys; `stock` has a key of two columns and a unique
/// place; `parts` belong to orders.
abstract class RowsContract {
    static final CallId BY = new CallId("call_undo");
    Shop shop;
    SqlRows rows;

    abstract Shop shop() throws Exception;

    abstract Database database();

    abstract boolean sqlite();

    @BeforeEach
    void open() throws Exception {
        shop = shop();
        rows = rows("orders", "stock", "parts");
        shop.run(
                "INSERT INTO orders (id, item, qty) VALUES (1, 'bolt', 10), (2, 'nut', 20), (3, 'nut', 30)",
                "INSERT INTO stock (shelf, bin, place, item) VALUES ('a', 1, 1, 'bolt'), ('a', 2, 2, 'nut')");
    }

    @AfterEach
    void close() throws SQLException {
        if (shop != null) shop.close();
    }

    SqlRows rows(String... tables) {
        return new SqlRows("rows", database(), List.of(tables));
    }

    static JsonObject statement(String text) {
        return JsonObject.with("statement", text).build();
    }

    static JsonObject order(long id) {
        return JsonObject.with("table", "orders")
                .with("key", JsonObject.with("id", JsonNumber.of(id)).build())
                .build();
    }

    Look.Seen look(JsonObject target) throws IOException {
        return assertInstanceOf(Look.Seen.class, rows.look(target, PathFacts.NONE));
    }

    Look.Seen again(JsonObject target, Look.Seen before, boolean left) throws IOException {
        return assertInstanceOf(Look.Seen.class, rows.again(target, before.state(), left, PathFacts.NONE));
    }

    Restored restore(JsonObject target, Look.Seen before, Look.Seen now) throws IOException {
        return rows.restore(target, before.state(), now.version(), BY, PathFacts.NONE);
    }

    /// The rows that it is about.
    static List<String> named(Look.Seen seen) {
        return seen.touches().stream().filter(name -> !name.equals("rows")).toList();
    }

    String unfit(String text) throws IOException {
        return assertInstanceOf(Look.Unfit.class, rows.look(statement(text), PathFacts.NONE))
                .why();
    }

    /// Runs a statement as a tool, and takes it back.
    void thereAndBack(String text) throws Exception {
        List<String> dump = shop.dump();
        JsonObject target = statement(text);
        Look.Seen before = look(target);
        shop.run(text);
        assertNotEquals(dump, shop.dump(), "the statement changes something");
        again(target, before, true);
        Look.Seen now = again(target, before, false);

        assertInstanceOf(Restored.Done.class, restore(target, before, now));

        assertEquals(dump, shop.dump());
    }

    @Test
    void a_changed_row_is_put_back_by_its_key() throws Exception {
        List<String> dump = shop.dump();
        Look.Seen before = look(order(2));
        shop.run("UPDATE orders SET item = 'screw', qty = NULL WHERE id = 2");

        assertInstanceOf(Restored.Done.class, restore(order(2), before, look(order(2))));

        assertEquals(dump, shop.dump());
        assertEquals(List.of("rows/orders/2"), named(before));
    }

    @Test
    void a_row_that_was_not_there_is_taken_away_and_one_that_was_is_made_anew() throws Exception {
        List<String> dump = shop.dump();
        Look.Seen absent = look(order(9));
        Look.Seen present = look(order(3));
        shop.run("INSERT INTO orders (id, item, qty) VALUES (9, 'nail', 1)", "DELETE FROM orders WHERE id = 3");

        assertInstanceOf(Restored.Done.class, restore(order(9), absent, look(order(9))));
        assertInstanceOf(Restored.Done.class, restore(order(3), present, look(order(3))));

        assertEquals(dump, shop.dump());
    }

    @Test
    void a_row_that_somebody_changed_since_stays_as_it_is() throws Exception {
        Look.Seen before = look(order(2));
        shop.run("UPDATE orders SET qty = 21 WHERE id = 2");
        Look.Seen left = look(order(2));
        shop.run("UPDATE orders SET qty = 22 WHERE id = 2");

        assertInstanceOf(Restored.Changed.class, restore(order(2), before, left));
        assertEquals(Optional.of("22"), shop.value("SELECT qty FROM orders WHERE id = 2"));

        shop.run("UPDATE orders SET qty = 21 WHERE id = 2");
        assertInstanceOf(Restored.Done.class, restore(order(2), before, left));
        assertEquals(Optional.of("20"), shop.value("SELECT qty FROM orders WHERE id = 2"));
    }

    @Test
    void one_changed_row_of_many_leaves_them_all() throws Exception {
        JsonObject target = statement("DELETE FROM orders WHERE item = 'nut'");
        Look.Seen before = look(target);
        shop.run("DELETE FROM orders WHERE item = 'nut'");
        Look.Seen left = again(target, before, true);
        shop.run("INSERT INTO orders (id, item) VALUES (2, 'somebody else')");

        assertInstanceOf(Restored.Changed.class, restore(target, before, left));
        assertEquals(Optional.empty(), shop.value("SELECT id FROM orders WHERE id = 3"));

        shop.run("DELETE FROM orders WHERE id = 2");
        assertInstanceOf(Restored.Done.class, restore(target, before, left));
        assertEquals(Optional.of("30"), shop.value("SELECT qty FROM orders WHERE id = 3"));
    }

    @Test
    void putting_back_what_is_there_already_is_done() throws Exception {
        Look.Seen before = look(order(2));
        shop.run("UPDATE orders SET qty = 21 WHERE id = 2");
        Look.Seen left = look(order(2));
        assertInstanceOf(Restored.Done.class, restore(order(2), before, left));

        assertInstanceOf(Restored.Done.class, restore(order(2), before, left));
        assertEquals(Optional.of("20"), shop.value("SELECT qty FROM orders WHERE id = 2"));
    }

    @Test
    void statements_are_taken_back_by_the_keys_that_they_reach() throws Exception {
        thereAndBack("UPDATE orders SET item = 'washer' WHERE item = 'nut'");
        thereAndBack("UPDATE orders SET qty = qty + 1");
        thereAndBack("update ORDERS set QTY = 0 where ID in (1, 3) and not item is null -- all of it\n;");
        thereAndBack("DELETE FROM orders WHERE qty BETWEEN 5 AND 25 AND lower(item) LIKE 'n%'");
        thereAndBack("DELETE FROM orders");
        thereAndBack("INSERT INTO orders (id, item) VALUES (7, 'x''y'), (8, '')");
        thereAndBack("INSERT INTO stock VALUES ('b', 1, 3, 'new')");
        thereAndBack("UPDATE stock SET place = place + 10, item = 'n' || item WHERE shelf = 'a' AND bin > 1");
    }

    @Test
    void a_condition_that_finds_other_rows_afterwards_is_not_asked_again() throws Exception {
        JsonObject target = statement("UPDATE orders SET item = 'bolt' WHERE item = 'nut'");
        Look.Seen before = look(target);
        shop.run("UPDATE orders SET item = 'bolt' WHERE item = 'nut'");

        Look.Seen left = again(target, before, true);

        assertEquals(List.of("rows/orders/2", "rows/orders/3"), named(left));
        assertEquals(List.of(), named(look(target)), "what the condition finds now");
    }

    @Test
    void keys_that_the_table_counts_are_known_before_and_only_where_nobody_else_was_given_one() throws Exception {
        thereAndBack("INSERT INTO orders (item, qty) VALUES ('p', 1), ('q', 2)");

        JsonObject target = statement("INSERT INTO orders (item) VALUES ('r')");
        Look.Seen before = look(target);
        shop.run("INSERT INTO orders (item) VALUES ('somebody else')", "INSERT INTO orders (item) VALUES ('r')");
        var raced = assertInstanceOf(Look.Unfit.class, rows.again(target, before.state(), true, PathFacts.NONE));
        assertEquals("others were given keys at the same time", raced.why());

        Look.Seen alone = look(target);
        shop.run("INSERT INTO orders (item) VALUES ('r')");
        again(target, alone, true);
        shop.run("INSERT INTO orders (item) VALUES ('later')");
        assertInstanceOf(Restored.Done.class, restore(target, alone, again(target, alone, false)));
        for (String item : List.of("later", "r", "somebody else"))
            assertEquals(Optional.of("1"), shop.value("SELECT count(*) FROM orders WHERE item = '" + item + "'"));
    }

    @Test
    void unique_values_that_were_swapped_are_swapped_back() throws Exception {
        JsonObject target = statement("UPDATE stock SET place = 3 - place");
        List<String> dump = shop.dump();
        Look.Seen before = look(target);
        shop.run(
                "UPDATE stock SET place = 99 WHERE bin = 1",
                "UPDATE stock SET place = 1 WHERE bin = 2",
                "UPDATE stock SET place = 2 WHERE bin = 1");

        assertInstanceOf(Restored.Done.class, restore(target, before, again(target, before, true)));
        assertEquals(dump, shop.dump());
    }

    @Test
    void a_row_that_others_refer_to_by_now_is_not_taken_away() throws Exception {
        JsonObject target = statement("INSERT INTO orders (id, item) VALUES (5, 'x')");
        Look.Seen before = look(target);
        shop.run("INSERT INTO orders (id, item) VALUES (5, 'x')", "INSERT INTO parts VALUES (1, 5)");
        Look.Seen left = again(target, before, true);

        var refused = assertInstanceOf(Restored.Refused.class, restore(target, before, left));
        assertEquals("a constraint of the database stands against it", refused.why());
        assertEquals(Optional.of("5"), shop.value("SELECT id FROM orders WHERE id = 5"));

        shop.run("DELETE FROM parts");
        assertInstanceOf(Restored.Done.class, restore(target, before, left));
    }

    @Test
    void parameters_are_bound() throws Exception {
        for (String text : List.of("DELETE FROM orders WHERE item = ? AND qty > ?")) {
            JsonObject target = statement(text)
                    .set("params", new JsonArray(List.of(new JsonText("nut' OR 1=1 --"), JsonNumber.of(1))));
            assertEquals(List.of(), named(look(target)));
            JsonObject other =
                    statement(text).set("params", new JsonArray(List.of(new JsonText("nut"), JsonNumber.of(25))));
            assertEquals(List.of("rows/orders/3"), named(look(other)));
        }
        var few = rows.look(statement("DELETE FROM orders WHERE id = ?"), PathFacts.NONE);
        assertTrue(assertInstanceOf(Look.Unfit.class, few).why().contains("parameters"));
    }

    @Test
    void other_tables_are_none_of_its_business() throws Exception {
        rows = rows("stock");
        assertEquals("it is about none of the server's tables", unfit("DELETE FROM orders"));
        assertEquals(2, named(look(statement("DELETE FROM stock"))).size());
        var one = rows.look(order(1), PathFacts.NONE);
        assertEquals(
                "it is about none of the server's tables",
                assertInstanceOf(Look.Unfit.class, one).why());
    }

    @Test
    void an_upsert_on_the_key_is_followed_and_another_is_not() throws Exception {
        thereAndBack("INSERT INTO orders (id, item, qty) VALUES (1, 'b', 1), (6, 'c', 1)"
                + " ON CONFLICT (id) DO UPDATE SET qty = orders.qty + excluded.qty WHERE orders.qty > 0");
        thereAndBack("INSERT INTO orders (id, item, qty) VALUES (1, 'b', 1), (6, 'c', 1) ON CONFLICT DO NOTHING");
        assertEquals(
                "it may change rows that it does not name",
                unfit("INSERT INTO stock VALUES ('z', 9, 1, 'x') ON CONFLICT (place) DO UPDATE SET item = 'y'"));
    }

    @Test
    void rows_that_depend_on_others_are_about_the_whole_server() throws Exception {
        shop.run("CREATE TABLE free (id INTEGER PRIMARY KEY)", "INSERT INTO free VALUES (1)");
        rows = rows("orders", "stock", "parts", "free");
        assertEquals(List.of("rows/free/1"), look(statement("DELETE FROM free")).touches());
        for (String table : List.of("orders", "stock"))
            assertEquals(
                    "rows", look(statement("DELETE FROM " + table)).touches().getLast());
        assertEquals(
                "rows",
                look(statement("INSERT INTO parts VALUES (1, 1)")).touches().getLast());
    }

    @Test
    void too_many_and_too_large_rows_are_not_kept() throws Exception {
        var values = new StringBuilder("INSERT INTO orders (id, item) VALUES (100, 'x')");
        for (int id = 101; id < 1100; id++) values.append(", (").append(id).append(", 'x')");
        shop.run(values.toString());
        assertEquals("it is about more than 1000 rows", unfit("DELETE FROM orders"));
        assertEquals(
                1000,
                named(look(statement("DELETE FROM orders WHERE id >= 100"))).size());
        assertEquals("it is about more than 1000 rows", unfit(values + ", (2000, 'x')"));

        shop.run("UPDATE orders SET item = '" + "y".repeat(800_000) + "' WHERE id = 1");
        assertEquals("its rows are larger than 700 KiB", unfit("DELETE FROM orders WHERE id = 1"));
        shop.run("UPDATE orders SET item = '" + "y".repeat(600_000) + "' WHERE id = 1");
        thereAndBack("DELETE FROM orders WHERE id = 1");
    }

    @Test
    void a_state_of_other_rows_is_refused() throws Exception {
        Look.Seen before = look(order(2));
        shop.run("UPDATE orders SET qty = 21 WHERE id = 2");
        Look.Seen now = look(order(2));
        JsonObject stock = before.state().set("table", new JsonText("stock"));
        assertInstanceOf(Restored.Refused.class, rows.restore(order(2), stock, now.version(), BY, PathFacts.NONE));
        assertInstanceOf(
                Restored.Refused.class, rows.restore(order(2), JsonObject.EMPTY, now.version(), BY, PathFacts.NONE));
        assertInstanceOf(Restored.Done.class, restore(order(2), before, now));
    }

    @Test
    void a_column_that_is_new_since_stands_in_the_way() throws Exception {
        Look.Seen before = look(order(2));
        shop.run("ALTER TABLE orders ADD COLUMN extra TEXT DEFAULT 'x'", "DELETE FROM orders WHERE id = 2");
        var refused = assertInstanceOf(Restored.Refused.class, restore(order(2), before, before));
        assertEquals("the columns of `orders` have changed since", refused.why());
    }

    @Test
    void what_cannot_be_reached_is_a_fault_and_not_an_answer() {
        rows = new SqlRows("rows", nowhere(), List.of("orders"));
        assertThrows(IOException.class, () -> rows.look(order(1), PathFacts.NONE));
    }

    abstract Database nowhere();

    /// One session of a tool.
    @RepeatedTest(60)
    void whole_sessions_are_taken_back(RepetitionInfo repetition) throws Exception {
        var random = new Random(repetition.getCurrentRepetition());
        var sentences = new Sentences(random, sqlite());
        List<String> dump = shop.dump();
        record Done(JsonObject target, Look.Seen before) {}
        var done = new ArrayList<Done>();
        int changes = 0;
        for (int step = 0; step < 25; step++) {
            String text = sentences.next();
            JsonObject target = statement(text);
            var seen = rows.look(target, PathFacts.NONE);
            Look.Seen before = assertInstanceOf(Look.Seen.class, seen, () -> text + ": " + seen);
            if (!shop.tries(text)) continue;
            done.add(new Done(target, before));
            if (!again(target, before, true).version().equals(before.version())) changes++;
        }
        assertTrue(changes > 5, "it changes something");
        for (Done call : done.reversed()) {
            Look.Seen now = again(call.target(), call.before(), false);
            assertInstanceOf(Restored.Done.class, restore(call.target(), call.before(), now));
        }
        assertEquals(dump, shop.dump());
    }
}
