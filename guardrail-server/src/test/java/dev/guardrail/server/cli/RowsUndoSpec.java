package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.corpus.ShopUpstream;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.testing.HeldLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Statements that an agent has another server run, taken back by the guard with the catalogue that is shipped.
final class RowsUndoSpec {
    private static final Path CATALOGUE = Path.of("../policies/catalogues/sql.yaml");

    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: database}
            rules:
              - id: all
                match: {tools: ["database.*"]}
                effect: allow
              - id: rows
                match: {tools: ["rows.undo:restore"]}
                effect: allow
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Connection shop;

    @SuppressWarnings("NullAway.Init") // set before each
    private ShopUpstream upstream;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    @BeforeEach
    void start() throws Exception {
        Path file = directory.resolve("shop.db");
        shop = DriverManager.getConnection("jdbc:sqlite:" + file);
        run("CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT, qty INTEGER)");
        run("INSERT INTO orders (item, qty) VALUES ('bolt', 10), ('nut', 20), ('nut', 30)");
        run("CREATE TABLE audit (id INTEGER PRIMARY KEY, said TEXT)");
        upstream = new ShopUpstream(this::answer);
        upstream.list(
                ShopUpstream.tool("read_query"), ShopUpstream.tool("write_query"), ShopUpstream.tool("create_table"));
        served = Served.before(
                Files.createDirectory(directory.resolve("guard")),
                "database: {url: \"" + upstream.url() + "\"}\n  rows: {builtin: sql, url: \"jdbc:sqlite:" + file
                        + "\", tables: [orders]}",
                Map.of("sql.yaml", Files.readString(CATALOGUE), "rules.yaml", RULES),
                "create_table");
    }

    @AfterEach
    void end() throws Exception {
        served.close();
        upstream.close();
        shop.close();
    }

    private synchronized void run(String text) throws SQLException {
        try (Statement statement = shop.createStatement()) {
            statement.execute(text);
        }
    }

    private synchronized List<String> dump() throws SQLException {
        var rows = new ArrayList<String>();
        try (Statement statement = shop.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT quote(id) || quote(item) || quote(qty) FROM orders ORDER BY id")) {
            while (row.next()) rows.add(row.getString(1));
        }
        return rows;
    }

    private JsonObject answer(JsonObject params) {
        try {
            run(params.object("arguments").orElseThrow().text("query").orElseThrow());
            return ShopUpstream.texts("[{'affected_rows': 1}]");
        } catch (SQLException refused) {
            return ShopUpstream.texts("Error: " + refused.getMessage()).set("isError", JsonBoolean.of(true));
        }
    }

    private Served.Answer write(String query) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                JsonObject.with("tool", "database.write_query")
                        .with("arguments", JsonObject.with("query", query).build())
                        .with("run", "guard")
                        .build()
                        .toString());
    }

    private Served.Answer undo(String target, String body) {
        return served.post(Served.ANN, "/v1/" + target + "/undo", body);
    }

    private static List<String> states(Served.Answer answer) {
        return answer.json().array("steps").orElseThrow().objects().stream()
                .map(step -> step.text("state").orElseThrow())
                .toList();
    }

    @Test
    void a_session_of_statements_is_undone_to_the_last_row() throws Exception {
        List<String> before = dump();
        String session = "";
        for (String query : List.of(
                "INSERT INTO orders (item, qty) VALUES ('nail', 1)",
                "UPDATE orders SET item = 'washer', qty = qty + 1 WHERE item = 'nut'",
                "DELETE FROM orders WHERE qty > 20",
                "INSERT INTO orders VALUES (3, 'new three', 0)",
                "UPDATE orders SET qty = 5 WHERE id = 3")) {
            var answer = write(query);
            assertEquals("succeeded", answer.text("state"), answer.text());
            assertEquals("exact", answer.text("undo"), answer.text());
            session = answer.text("session");
        }
        assertNotEquals(before, dump());
        assertEquals(5, states(undo("sessions/" + session, "{\"plan\":true}")).size());

        var undone = undo("sessions/" + session, "{\"reason\":\"wrong\"}");

        assertEquals(List.of("undone", "undone", "undone", "undone", "undone"), states(undone), undone.text());
        assertEquals(before, dump());
        assertEquals(
                Optional.empty(),
                LogAudit.of(HeldLog.of(served.journal().store())).fault());
    }

    @Test
    void a_row_that_somebody_changed_since_is_a_conflict_and_stays() throws Exception {
        String call =
                "calls/" + write("UPDATE orders SET qty = 0 WHERE item = 'nut'").text("callId");
        run("UPDATE orders SET qty = 77 WHERE id = 3");

        assertEquals("conflict", undo(call, "{\"reason\":\"wrong\"}").problem());
        assertTrue(dump().contains("3'nut'77"), dump()::toString);
        assertTrue(dump().contains("2'nut'0"), dump()::toString);

        run("UPDATE orders SET qty = 0 WHERE id = 3");
        assertEquals(200, undo(call, "{\"reason\":\"wrong\"}").status());
        assertTrue(dump().contains("3'nut'30"), dump()::toString);
    }

    @Test
    void what_is_not_followed_runs_and_says_that_it_cannot_be_undone() throws Exception {
        for (String query : List.of(
                "DELETE FROM orders WHERE id IN (SELECT max(id) FROM orders)",
                "INSERT INTO audit VALUES (1, 'seen')")) {
            var answer = write(query);
            assertEquals("succeeded", answer.text("state"), answer.text());
            assertEquals("none", answer.text("undo"), query);
            assertEquals(
                    "not-undoable",
                    undo("calls/" + answer.text("callId"), "{\"reason\":\"x\"}").problem());
        }
        assertEquals(2, dump().size());
    }

    @Test
    void why_rows_could_not_be_kept_is_told_and_what_was_asked_for_is_not_in_the_log() throws Exception {
        var answer = write("DELETE FROM orders WHERE qty > random()");
        assertEquals("none", answer.text("undo"), answer.text());
        assertEquals("it calls `\u2026`, of which is not known that it finds the same again", answer.text("undoWhy"));
        String call = answer.text("callId");

        var plan = undo("calls/" + call, "{\"plan\":true}");

        assertEquals(List.of("cannot"), states(plan), plan.text());
        String why = "it calls `random`, of which is not known that it finds the same again";
        assertTrue(plan.text().contains(why), plan.text());
        var refused = undo("calls/" + call, "{\"reason\":\"x\"}");
        assertEquals("not-undoable", refused.problem());
        assertTrue(refused.text("detail").contains(why), refused.text());
        var log = new StringBuilder();
        var store = served.journal().store();
        for (byte[] entry : store.read(0, store.size())) log.append(new String(entry, StandardCharsets.UTF_8));
        assertTrue(log.toString().contains("\"undoWhy\":\"unfit\""), log.toString());
        assertFalse(log.toString().contains("random"), log.toString());
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    @Test
    void where_an_undo_is_required_the_denial_says_why_it_cannot_be() throws Exception {
        Served.write(
                directory.resolve("guard/policies/rules.yaml"),
                RULES.replaceFirst("effect: allow", "effect: allow\n    undo: required"));
        served.reload();

        var denied = write("DELETE FROM orders WHERE qty > random()");

        assertEquals("deny", denied.text("effect"), denied.text());
        assertTrue(
                denied.text("message").contains("of which is not known that it finds the same again"), denied.text());
        assertEquals(3, dump().size());
        assertEquals("allow", write("DELETE FROM orders WHERE qty > 25").text("effect"));
        assertEquals(2, dump().size());
    }

    @Test
    void no_agent_sees_or_reaches_what_undo_asks() {
        assertFalse(served.get(Served.CODER, "/v1/tools").text().contains("undo:"));
        var refused = served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"rows.undo:look\",\"arguments\":{\"statement\":\"DELETE FROM orders\"},\"run\":\"guard\"}");
        assertEquals("deny", refused.text("effect"), refused.text());
        assertEquals("allow", write("UPDATE orders SET qty = 1 WHERE id = 1").text("effect"));
    }
}
