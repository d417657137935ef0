package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.Client.call;
import static dev.guardrail.server.eras.PlayedServer.await;
import static dev.guardrail.server.eras.PlayedServer.parse;
import static dev.guardrail.server.eras.PlayedServer.text;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Sessions and streams of the first era (MCP 2025-11-25), through a whole guard.
@Timeout(120)
class LegacyStreamsSpec {
    private Stage stage;
    private PlayedServer server;
    private Client client;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        server = new PlayedServer(false, tool("run"), tool("other"));
        stage = new Stage(directory, server, Stage.EVERYTHING);
        client = stage.legacy();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        stage.close();
    }

    private static String method(JsonObject message) {
        return message.text("method").orElse("result");
    }

    @Test
    void a_client_is_greeted_by_the_server_itself_and_the_server_by_the_client() {
        var greeting = client.greeting().object("result").orElseThrow();
        assertEquals(
                "{\"name\":\"played\",\"version\":\"3\"}",
                greeting.object("serverInfo").orElseThrow().toString());
        assertEquals("Play.", greeting.text("instructions").orElseThrow());
        assertEquals(
                "{\"tools\":{\"listChanged\":true},\"resources\":{\"subscribe\":true},\"logging\":{},"
                        + "\"prompts\":{},\"completions\":{}}",
                greeting.object("capabilities").orElseThrow().toString());
        assertEquals(Client.hello(), server.all("initialize").getLast().params().toString());
    }

    @Test
    void what_a_server_says_on_the_way_comes_in_order_before_the_result() {
        server.on("tools/call run", turn -> {
            String token = turn.params()
                    .object("_meta")
                    .orElseThrow()
                    .get("progressToken")
                    .orElseThrow()
                    .toString();
            turn.stream();
            turn.say("notifications/progress", "{\"progressToken\":" + token + ",\"progress\":1,\"total\":2.0}");
            turn.say("notifications/message", "{\"level\":\"info\",\"data\":{\"n\":1e2}}");
            turn.say("notifications/progress", "{\"progressToken\":" + token + ",\"progress\":2}");
            turn.say("notifications/unknown", "{\"kept\":true}");
            turn.result(text("done"));
        });
        var events = client.post(call(7, "run", ",\"_meta\":{\"progressToken\":\"mine\",\"x\":1}"))
                .all();
        assertEquals(
                List.of(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
                                + "\"params\":{\"progressToken\":\"mine\",\"progress\":1,\"total\":2.0}}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\","
                                + "\"params\":{\"level\":\"info\",\"data\":{\"n\":1e2}}}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
                                + "\"params\":{\"progressToken\":\"mine\",\"progress\":2}}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unknown\",\"params\":{\"kept\":true}}",
                        "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":" + text("done") + "}"),
                events.stream().map(Client.Event::data).toList());
        var sent = server.first("tools/call").params();
        assertNotEquals(
                "mine", sent.object("_meta").orElseThrow().text("progressToken").orElseThrow());
        assertEquals(
                "1", sent.object("_meta").orElseThrow().get("x").orElseThrow().toString());
    }

    @Test
    void each_client_session_has_one_upstream_that_ends_with_it() {
        server.on("tools/call run", turn -> turn.result(text("done")));
        try (var second = stage.legacy()) {
            for (var each : List.of(client, second, client))
                each.post(call(1, "run", "")).text();
            var sessions = server.all("tools/call").stream()
                    .map(heard -> heard.header("Mcp-Session-Id"))
                    .toList();
            assertEquals(sessions.get(0), sessions.get(2));
            assertNotEquals(sessions.get(0), sessions.get(1));
            assertFalse(Set.of(client.session(), second.session()).contains(sessions.get(0)));
            assertEquals(204, client.end().status());
            assertEquals(sessions.get(0), server.first("DELETE").header("Mcp-Session-Id"));
            assertEquals(404, client.post(call(1, "run", "")).status());
            assertTrue(second.answer("ping", "{}").has("result"), "the other lives on");
            assertEquals(1, server.all("DELETE").size());
        }
    }

    @Test
    void a_session_is_of_no_use_to_another_credential() {
        server.on("tools/call run", turn -> turn.result(text("done")));
        try (var thief = Client.legacy(stage.guard, Served.OTHER, "shop").in(client.session())) {
            assertEquals(404, thief.post(call(1, "run", "")).status());
            assertEquals(404, thief.listen("").status());
            assertEquals(404, thief.end().status());
            assertEquals(0, server.all("tools/call").size());
            assertEquals(200, client.post(call(1, "run", "")).status());
            assertEquals(1, server.all("tools/call").size());
        }
    }

    @Test
    void a_session_that_the_server_forgot_is_opened_anew_with_the_clients_own_words() {
        server.on("tools/call run", turn -> turn.result(text("done")));
        server.on("prompts/list", turn -> turn.result(parse("{\"prompts\":[]}")));
        client.post(call(1, "run", "")).text();
        for (String params : List.of("tools/call", "prompts/list")) {
            int before = server.all("initialize").size();
            server.forget();
            var answer = params.equals("tools/call")
                    ? client.post(call(1, "run", "")).json()
                    : client.answer(params, "{}");
            assertTrue(answer.has("result"), answer::toString);
            assertEquals(before + 1, server.all("initialize").size());
            assertEquals(
                    Client.hello(), server.all("initialize").getLast().params().toString());
        }
    }

    @Test
    void lists_and_words_that_act_on_nothing_pass_as_they_are() {
        server.on(
                "prompts/list",
                turn -> turn.result(
                        turn.params().has("cursor")
                                ? parse("{\"prompts\":[{\"name\":\"b\"}]}")
                                : parse("{\"prompts\":[{\"name\":\"a\",\"z\":1.0}],\"nextCursor\":\"c\"}")));
        server.on("completion/complete", turn -> turn.result(parse("{\"completion\":{\"values\":[\"x\"]}}")));
        server.on("logging/setLevel", turn -> turn.result(JsonObject.EMPTY));
        assertEquals(
                "{\"prompts\":[{\"name\":\"a\",\"z\":1.0}],\"nextCursor\":\"c\"}",
                client.answer("prompts/list", "{}")
                        .object("result")
                        .orElseThrow()
                        .toString());
        assertEquals(
                "{\"prompts\":[{\"name\":\"b\"}]}",
                client.answer("prompts/list", "{\"cursor\":\"c\"}")
                        .object("result")
                        .orElseThrow()
                        .toString());
        String ref = "{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"a\"},\"argument\":{\"name\":\"n\",\"value\":\"v\"}}";
        assertTrue(client.answer("completion/complete", ref).toString().contains("\"values\":[\"x\"]"));
        assertEquals(ref, server.first("completion/complete").params().toString());
        assertTrue(client.answer("logging/setLevel", "{\"level\":\"debug\"}").has("result"));
        assertEquals(
                "{\"level\":\"debug\"}",
                server.first("logging/setLevel").params().toString());
        String[] names = {"run", "other"};
        assertEquals(
                "{\"tools\":["
                        + Stream.of(names).map(name -> tool(name).toString()).collect(Collectors.joining(",")) + "]}",
                client.answer("tools/list", "{}").object("result").orElseThrow().toString());
        assertEquals(
                -32601,
                client.answer("templates/none", "{}")
                        .object("error")
                        .orElseThrow()
                        .integer("code")
                        .orElseThrow());
    }

    @Test
    void what_a_server_says_unasked_comes_on_the_standing_stream() {
        var said = new CountDownLatch(1);
        server.on("GET", turn -> {
            turn.stream();
            turn.say("notifications/resources/updated", "{\"uri\":\"a://b\"}");
            turn.say("notifications/message", "{\"level\":\"info\",\"data\":\"x\"}");
            said.countDown();
            turn.untilGone();
        });
        try (var listening = client.listen("")) {
            assertEquals(
                    "notifications/resources/updated", method(listening.event().json()));
            assertEquals(
                    "{\"level\":\"info\",\"data\":\"x\"}",
                    listening.event().json().object("params").orElseThrow().toString());
        }
        assertEquals(0, said.getCount());
        var session = server.first("GET").header("Mcp-Session-Id");
        assertTrue(session.startsWith("upstream-"));
    }

    @Test
    void a_standing_stream_that_cannot_be_had_now_is_asked_for_again_and_one_that_is_refused_is_not() {
        server.on("GET", turn -> {
            if (server.all("GET").size() == 1) turn.status(503);
            else {
                turn.stream();
                turn.say("notifications/resources/updated", "{\"uri\":\"a://b\"}");
                turn.untilGone();
            }
        });
        try (var listening = client.listen("")) {
            assertEquals(
                    "notifications/resources/updated", method(listening.event().json()));
        }
        assertEquals(2, server.all("GET").size());
        server.on("GET", turn -> turn.status(405));
        try (var other = stage.legacy();
                var deaf = other.listen("")) {
            await(() -> server.all("GET").size() == 3);
            assertEquals(204, other.end().status());
            assertEquals(List.of(), deaf.all());
        }
        assertEquals(3, server.all("GET").size());
    }

    /// A call whose stream the server ends twice before the answer.
    private void playInterruptions() {
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.raw("id: e-0\nretry: 60\ndata: \n\n");
            turn.event("e-1", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"n\":1}}");
            server.on("GET", more -> resume(more, turn.id().toString()));
        });
    }

    private static void resume(Turn more, String id) throws java.io.IOException {
        more.stream();
        switch (more.heard().header("Last-Event-ID")) {
            case "e-1" ->
                more.event("e-2", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"n\":2}}");
            case "e-2" ->
                more.event("e-3", "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + text("resumed") + "}");
            default -> more.untilGone();
        }
    }

    @Test
    void a_stream_that_the_server_ends_early_is_resumed_and_the_client_loses_nothing_and_hears_nothing_twice() {
        playInterruptions();
        var events = new ArrayList<>(client.post(call(5, "run", "")).all());
        while (events.stream().noneMatch(event -> event.data().contains("\"id\":5"))) {
            String last = events.getLast().id();
            assertNotEquals("", last, "a stream that ends early names where to go on");
            events.addAll(client.listen(last).all());
        }
        assertEquals(
                List.of("{\"n\":1}", "{\"n\":2}", "resumed"),
                events.stream()
                        .filter(event -> !event.data().isEmpty())
                        .map(event -> event.json()
                                .object("params")
                                .map(JsonObject::toString)
                                .orElseGet(() -> "resumed"))
                        .toList());
        assertEquals(1, server.all("tools/call").size(), "it ran once");
        var ids = events.stream().map(Client.Event::id).toList();
        assertEquals(ids.size(), Set.copyOf(ids).size());
        assertTrue(ids.stream().noneMatch(id -> id.startsWith("e-")), "ids are the guard's own");
    }

    @Test
    void a_client_whose_connection_broke_goes_on_where_it_was() {
        var left = new CountDownLatch(1);
        server.on("tools/call run", turn -> {
            turn.stream();
            for (int n = 0; n < 3; n++)
                turn.event(
                        "e-" + n,
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"n\":" + n + "}}");
            held(left);
            turn.event("e-3", "{\"jsonrpc\":\"2.0\",\"id\":" + turn.id() + ",\"result\":" + text("late") + "}");
        });
        String first;
        try (var stream = client.post(call(5, "run", ""))) {
            first = stream.event().id();
        }
        left.countDown();
        var rest = client.listen(first).all();
        assertEquals(
                List.of("1", "2", "late"),
                rest.stream()
                        .map(event -> event.json())
                        .map(json -> json.object("params")
                                .map(params -> params.get("n").orElseThrow().toString())
                                .orElse("late"))
                        .toList());
        assertEquals(List.of(), client.listen(rest.getLast().id()).all(), "after the last there is nothing");
        assertEquals(0, server.all("notifications/cancelled").size());
    }

    @Test
    void an_event_of_another_session_opens_nothing_of_it() {
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.event(
                    "e-0", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"n\":\"secret\"}}");
            turn.event("e-1", "{\"jsonrpc\":\"2.0\",\"id\":" + turn.id() + ",\"result\":" + text("secret") + "}");
        });
        String first = client.post(call(5, "run", "")).event().id();
        try (var stranger = Client.legacy(stage.guard, Served.OTHER, "shop");
                var sibling = stage.legacy();
                var foreign = stranger.listen(first);
                var next = sibling.listen(first)) {
            // Both hear what is theirs from now on, and nothing of what was the other session's.
            for (var each : List.of(stranger, sibling)) {
                assertEquals(200, each.post(call(6, "other", "")).status());
                assertEquals(204, each.end().status());
            }
            assertEquals(List.of(), foreign.all());
            assertEquals(List.of(), next.all());
        }
        assertTrue(client.listen(first).all().toString().contains("secret"), "its own session hears it");
    }

    @Test
    void a_client_that_cancels_is_taken_at_its_word_upstream() {
        server.on("tools/call run", turn -> turn.stream().untilGone());
        try (var stream = client.post(call(5, "run", ""))) {
            var sent = server.first("tools/call").message();
            client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                            + "\"params\":{\"requestId\":5,\"reason\":\"enough\"}}")
                    .text();
            assertNull(stream.next(), "it hears nothing more");
            var told = server.first("notifications/cancelled").params();
            assertEquals(sent.get("id"), told.get("requestId"));
            assertTrue(told.text("reason").orElseThrow().contains("enough"));
        }
    }

    @Test
    void a_client_that_disconnects_leaves_its_call_running_and_the_outcome_is_kept() {
        var left = new CountDownLatch(1);
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.say("notifications/message", "{}");
            held(left);
            turn.result(text("late"));
        });
        try (var stream = client.post(call(5, "run", ""))) {
            assertEquals("notifications/message", method(stream.event().json()));
        }
        assertEquals(0, stage.entries("executed"));
        left.countDown();
        await(() -> stage.entries("executed") == 1);
        assertEquals(0, server.all("notifications/cancelled").size());
    }

    private static void held(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
