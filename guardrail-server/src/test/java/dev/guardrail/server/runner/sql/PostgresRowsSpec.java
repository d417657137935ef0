package dev.guardrail.server.runner.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.PathFacts;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Rows of a PostgreSQL.
final class PostgresRowsSpec extends RowsContract {
    private static final List<String> DUMPS = List.of(
            "SELECT o::text FROM orders AS o ORDER BY id",
            "SELECT s::text FROM stock AS s ORDER BY shelf, bin",
            "SELECT p::text FROM parts AS p ORDER BY id");

    private PostgresServer server;
    private String name;

    @Override
    Shop shop() throws Exception {
        server = PostgresServer.running();
        name = server.database();
        var made = new Shop(server.own(name), DUMPS);
        made.run(
                "CREATE TABLE orders (id serial PRIMARY KEY, item text, qty integer, price numeric(30, 12),"
                        + " paid boolean, raw bytea, note timestamptz)",
                "CREATE TABLE stock (shelf varchar(5), bin smallint, place bigint UNIQUE, item text,"
                        + " PRIMARY KEY (shelf, bin))",
                "CREATE TABLE parts (id integer PRIMARY KEY, \"order\" integer REFERENCES orders (id))",
                "SELECT setval('orders_id_seq', 40)");
        return made;
    }

    @Override
    Database database() {
        return database(PostgresServer.PASSWORD);
    }

    private Database database(String password) {
        return new Database.Server(server.url(name), Optional.of(PostgresServer.USER), () -> Optional.of(password));
    }

    @Override
    boolean sqlite() {
        return false;
    }

    @Override
    Database nowhere() {
        return new Database.Server("jdbc:postgresql://127.0.0.1:1/none", Optional.empty(), Optional::empty);
    }

    @Test
    void a_wrong_password_is_a_fault_that_does_not_show_it() {
        rows = new SqlRows("rows", database("another-password"), List.of("orders"));
        var fault = assertThrows(IOException.class, () -> rows.look(order(1), PathFacts.NONE));
        assertTrue(fault.getMessage().contains("28P01"), fault::getMessage);
        assertTrue(!fault.getMessage().contains("another-password"), fault::getMessage);
    }

    @Test
    void every_value_is_kept_exactly() throws Exception {
        shop.run(
                "CREATE TYPE mood AS ENUM ('calm', 'wild')",
                "CREATE DOMAIN percent AS integer CHECK (VALUE BETWEEN 0 AND 100)",
                "CREATE TABLE odd (k uuid PRIMARY KEY, b integer, r real, d double precision, n numeric, c char(5),"
                        + " v varchar(9), t timestamp, tz timestamptz, da date, ti timetz, iv interval, j json, jb jsonb,"
                        + " big bigint DEFAULT -9223372036854775808, a integer[], ta text[], m mood, p percent,"
                        + " net inet, bits bit varying, x xml, rng int4range, raw bytea, twice numeric GENERATED ALWAYS AS (b * 2.5) STORED,"
                        + " given integer GENERATED ALWAYS AS IDENTITY)",
                "INSERT INTO odd VALUES ('11111111-2222-3333-4444-555555555555', 2147483647, 'NaN', 0.1,"
                        + " 1.10000000000000000000000000000000000000001, 'ab', 'x  ', '2001-02-03 04:05:06.789012',"
                        + " '2001-02-03 04:05:06.789012+05:30', '0044-03-15 BC', '04:05:06+02', '1 mon -3 days 04:05:06.5',"
                        + " '{\"a\":  1, \"a\": 2}', '{\"a\": 1.50}', DEFAULT, '{1,NULL,3}', '{\"a,b\",\"q\\\"\"}', 'wild', 42,"
                        + " '10.0.0.0/8', B'0101', '<a>&amp;</a>', '[1,5)', '\\x00ff')",
                "INSERT INTO odd (k, d, r, t, n, v) VALUES ('22222222-2222-3333-4444-555555555555', '-Infinity', '-0',"
                        + " 'infinity', 'NaN', chr(65533)), ('33333333-2222-3333-4444-555555555555', 5e-324, 1e-45,"
                        + " NULL, '1e100', '')");
        rows = rows("odd");
        String all = "SELECT string_agg(o::text, '|' ORDER BY k) FROM odd AS o";
        Optional<String> dump = shop.value(all);
        JsonObject target = statement("DELETE FROM odd");
        Look.Seen before = look(target);
        shop.run("DELETE FROM odd", "SET TimeZone = 'Asia/Kolkata'", "SET DateStyle = 'ISO, DMY'");

        assertInstanceOf(Restored.Done.class, restore(target, before, again(target, before, true)));

        shop.run("RESET ALL");
        assertEquals(dump, shop.value(all));

        JsonObject update = statement("UPDATE odd SET j = NULL, t = now(), a = NULL, raw = NULL, n = 7");
        Look.Seen seen = look(update);
        shop.run("UPDATE odd SET j = NULL, t = now(), a = NULL, raw = NULL, n = 7");
        assertInstanceOf(Restored.Done.class, restore(update, seen, again(update, seen, true)));
        assertEquals(dump, shop.value(all));
    }

    @Test
    void keys_that_an_identity_counts_are_known() throws Exception {
        shop.run("CREATE TABLE always (id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT 5) PRIMARY KEY, x text)");
        rows = rows("always");
        assertEquals(
                List.of("rows/always/1", "rows/always/6"),
                look(statement("INSERT INTO always (x) VALUES ('a'), ('b')")).touches());
        JsonObject target = statement("INSERT INTO always (x) VALUES ('a')");
        Look.Seen before = look(target);
        shop.run("INSERT INTO always (x) VALUES ('a')");
        assertInstanceOf(Restored.Done.class, restore(target, before, again(target, before, true)));
        assertEquals(Optional.of("0"), shop.value("SELECT count(*) FROM always"));
        shop.run("INSERT INTO always (x) VALUES ('b')");
        JsonObject delete = statement("DELETE FROM always");
        Look.Seen row = look(delete);
        shop.run("DELETE FROM always");
        assertInstanceOf(Restored.Done.class, restore(delete, row, again(delete, row, true)));
        assertEquals(Optional.of("6"), shop.value("SELECT id FROM always"));

        shop.run("CREATE TABLE drawn (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), x text)");
        rows = rows("drawn");
        assertEquals("the key of the new row does not stand in it", unfit("INSERT INTO drawn (x) VALUES ('a')"));
    }

    @Test
    void a_table_whose_changes_reach_further_is_not_followed() throws Exception {
        shop.run(
                "CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TABLE watched (id integer PRIMARY KEY)",
                "CREATE TRIGGER seen BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION seen()",
                "CREATE TABLE parent (id integer PRIMARY KEY)",
                "CREATE TABLE child (id integer PRIMARY KEY, p integer REFERENCES parent ON UPDATE SET NULL)",
                "CREATE TABLE parted (id integer PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE secret (id integer PRIMARY KEY)",
                "ALTER TABLE secret ENABLE ROW LEVEL SECURITY",
                "CREATE TABLE ruled (id integer PRIMARY KEY)",
                "CREATE RULE nothing AS ON DELETE TO ruled DO INSTEAD NOTHING",
                "CREATE VIEW shown AS SELECT * FROM orders",
                "CREATE TABLE bare (x text)");
        rows = rows("watched", "parent", "child", "parted", "secret", "ruled", "shown", "bare");
        assertEquals("`watched` has triggers, whose effects are not seen", unfit("INSERT INTO watched VALUES (1)"));
        assertEquals("rows of other tables go with those of `parent`, by a foreign key", unfit("DELETE FROM parent"));
        assertEquals("`parted` is no plain table", unfit("DELETE FROM parted"));
        assertEquals("not everybody sees every row of `secret`", unfit("DELETE FROM secret"));
        assertEquals("`ruled` has rules", unfit("DELETE FROM ruled"));
        assertEquals("`shown` is no plain table", unfit("DELETE FROM shown"));
        assertEquals("`bare` has no primary key", unfit("DELETE FROM bare"));
        look(statement("DELETE FROM child"));
    }

    @Test
    void a_condition_on_a_time_of_the_session_is_not_followed() throws Exception {
        assertEquals(
                "what its condition finds depends on the session, by the column `note`",
                unfit("DELETE FROM orders WHERE note < '2001-02-03'"));
        shop.run("CREATE TABLE days (d date PRIMARY KEY)", "INSERT INTO days VALUES ('2001-02-03')");
        rows = rows("days");
        assertEquals(
                List.of("rows/days/2001-02-03"),
                look(statement("DELETE FROM days WHERE d = '2001-02-03'")).touches());
        assertEquals(
                "a time in its condition is not written as ISO 8601 has it",
                unfit("DELETE FROM days WHERE d = '02/03/2001'"));
    }

    @Test
    void tables_of_other_schemas_are_named_with_them() throws Exception {
        shop.run(
                "CREATE SCHEMA \"Sales\"",
                "CREATE TABLE \"Sales\".orders (id integer PRIMARY KEY)",
                "INSERT INTO \"Sales\".orders VALUES (1)");
        rows = rows("Sales.orders");
        assertEquals(
                List.of("rows/Sales.orders/1"),
                look(statement("DELETE FROM \"Sales\".orders WHERE \"Sales\".orders.id = 1 OR orders.id = 1"
                                .replace("\"Sales\".orders.id = 1 OR ", "")))
                        .touches());
        assertEquals("it is about none of the server's tables", unfit("DELETE FROM sales.orders"));
        rows = rows("orders", "Sales.orders");
        assertEquals("several of the server's tables have this name", unfit("DELETE FROM orders"));
    }

    @Test
    void somebody_who_changes_the_row_at_the_same_time_wins() throws Exception {
        Look.Seen before = look(order(2));
        shop.run("UPDATE orders SET qty = 21 WHERE id = 2");
        Look.Seen left = look(order(2));
        shop.run("BEGIN", "UPDATE orders SET qty = 99 WHERE id = 2");
        var putting = new java.util.concurrent.FutureTask<>(() -> restore(order(2), before, left));
        Thread.ofVirtual().start(putting);
        try (var watching = new Shop(server.own(name), List.of())) {
            while (watching.value("SELECT 1 FROM pg_stat_activity WHERE application_name = 'guardrail'"
                            + " AND wait_event_type = 'Lock'")
                    .isEmpty()) Thread.onSpinWait();
        }
        shop.run("COMMIT");
        assertInstanceOf(Restored.Changed.class, putting.get());
        assertEquals(Optional.of("99"), shop.value("SELECT qty FROM orders WHERE id = 2"));
    }
}
