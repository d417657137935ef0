package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.Client.call;
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
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a server asks its client in the first era, through a whole guard.
@Timeout(120)
class LegacyQuestionsSpec {
    private static final String POEM =
            "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"a poem\"}}],\"maxTokens\":100,"
                    + "\"temperature\":0.50,\"_meta\":{\"kept\":1}}";

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

    /// A call in which the server asks each of these, one after the other.
    private void playQuestions(String... methodsAndParams) {
        server.on("tools/call run", turn -> {
            turn.stream();
            for (int i = 0; i < methodsAndParams.length; i += 2) {
                turn.ask(String.valueOf(i), methodsAndParams[i], methodsAndParams[i + 1]);
                server.reply(String.valueOf(i));
            }
            turn.result(text("asked"));
        });
    }

    @Test
    void questions_on_the_stream_of_a_call_are_asked_and_answered_whole() {
        String form = "{\"message\":\"Which colour?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}";
        playQuestions("sampling/createMessage", POEM, "roots/list", "{}", "elicitation/create", form);
        try (var stream = client.post(call(5, "run", ""))) {
            var sampling = stream.event().json();
            assertEquals("sampling/createMessage", sampling.text("method").orElseThrow());
            assertEquals(POEM, sampling.object("params").orElseThrow().toString());
            assertNotEquals("0", sampling.get("id").orElseThrow().toString(), "the guard's own id");
            client.reply(sampling, "\"result\":{\"role\":\"assistant\",\"x\":1.0}");
            var roots = stream.event().json();
            assertEquals("roots/list", roots.text("method").orElseThrow());
            client.reply(roots, "\"error\":{\"code\":-3,\"message\":\"no roots\",\"data\":{\"why\":1e1}}");
            var elicitation = stream.event().json();
            assertEquals(form, elicitation.object("params").orElseThrow().toString());
            client.reply(elicitation, "\"result\":{\"action\":\"decline\"}");
            assertTrue(stream.event().data().contains("asked"));
        }
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"role\":\"assistant\",\"x\":1.0}}",
                server.reply("0").toString());
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-3,\"message\":\"no roots\",\"data\":{\"why\":1e1}}}",
                server.reply("2").toString());
        assertEquals(
                "{\"action\":\"decline\"}",
                server.reply("4").object("result").orElseThrow().toString());
        assertEquals(1, stage.decided("shop.mcp:sampling/createMessage", "allow"));
        assertEquals(1, stage.decided("shop.mcp:elicitation/create", "allow"));
    }

    @Test
    void questions_on_the_standing_stream_are_asked_where_the_client_listens() {
        server.on("GET", turn -> {
            turn.stream();
            turn.ask("\"r\"", "roots/list", "{}");
            server.reply("\"r\"");
            turn.ask("\"p\"", "ping", "{}");
            turn.ask("\"s\"", "sampling/createMessage", POEM);
            turn.untilGone();
        });
        try (var listening = client.listen("")) {
            var roots = listening.event().json();
            assertEquals("roots/list", roots.text("method").orElseThrow());
            client.reply(roots, "\"result\":{\"roots\":[{\"uri\":\"file:///a\"}]}");
            assertTrue(server.reply("\"r\"").toString().contains("file:///a"));
            var sampling = listening.event().json();
            assertEquals("sampling/createMessage", sampling.text("method").orElseThrow());
            client.reply(sampling, "\"result\":{}");
            assertEquals(
                    "{}", server.reply("\"s\"").object("result").orElseThrow().toString());
            assertEquals(
                    "{}", server.reply("\"p\"").object("result").orElseThrow().toString(), "answered by the guard");
        }
    }

    @Test
    void a_question_that_the_server_takes_back_is_taken_back_and_a_late_answer_goes_nowhere() throws Exception {
        var asked = new CountDownLatch(1);
        var answered = new CountDownLatch(1);
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.ask("11", "sampling/createMessage", POEM);
            held(asked);
            turn.say("notifications/cancelled", "{\"requestId\":11,\"reason\":\"never mind\"}");
            held(answered);
            turn.ask("12", "roots/list", "{}");
            server.reply("12");
            turn.result(text("done"));
        });
        try (var stream = client.post(call(5, "run", ""))) {
            var question = stream.event().json();
            asked.countDown();
            var taken = stream.event().json();
            assertEquals("notifications/cancelled", taken.text("method").orElseThrow());
            var params = taken.object("params").orElseThrow();
            assertEquals(question.get("id"), params.get("requestId"));
            assertEquals("never mind", params.text("reason").orElseThrow());
            client.reply(question, "\"result\":{}");
            answered.countDown();
            client.reply(stream.event().json(), "\"result\":{\"roots\":[]}");
            assertTrue(stream.event().data().contains("done"));
        }
        assertTrue(server.hasReply("12"), "what is answered in time is passed on");
        assertFalse(server.hasReply("11"));
    }

    private static void held(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_question_is_answered_once_by_its_own_session_and_by_nobody_else() {
        playQuestions("elicitation/create", "{\"message\":\"Name?\"}");
        try (var stream = client.post(call(5, "run", ""));
                var thief = Client.legacy(stage.guard, Served.OTHER, "shop");
                var sibling = stage.legacy()) {
            var question = stream.event().json();
            for (var stranger : List.of(thief, sibling))
                stranger.reply(question, "\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"forged\"}}");
            client.reply(question, "\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"ann\"}}");
            client.reply(question, "\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"twice\"}}");
            assertTrue(stream.event().data().contains("asked"));
        }
        assertTrue(server.reply("0").toString().contains("\"ann\""), server.reply("0")::toString);
        assertEquals(
                1,
                server.heard.stream()
                        .filter(heard ->
                                heard.verb().equals("POST") && heard.method().isEmpty())
                        .count());
    }

    @Test
    void a_question_that_nobody_answers_ends_with_the_session_and_so_does_the_call() {
        var ended = new CountDownLatch(1);
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.ask("11", "elicitation/create", "{\"message\":\"Name?\"}");
            held(ended);
        });
        try (var stream = client.post(call(5, "run", ""))) {
            assertEquals(
                    "elicitation/create", stream.event().json().text("method").orElseThrow());
            assertEquals(204, client.end().status());
            assertNull(stream.next());
            var session = server.first("tools/call").header("Mcp-Session-Id");
            assertEquals(session, server.first("DELETE").header("Mcp-Session-Id"));
        } finally {
            ended.countDown();
        }
        PlayedServer.await(() -> stage.entries("executed") == 2);
        if (server.hasReply("11")) assertTrue(server.reply("11").has("error"));
        try (var next = stage.legacy()) {
            assertTrue(next.answer("ping", "{}").has("result"));
        }
    }

    @Test
    void an_answer_to_a_question_that_nobody_asked_is_dropped() {
        var before = server.heard.size();
        client.reply(parse("{\"id\":\"s-made-up\"}"), "\"result\":{}");
        client.reply(JsonObject.builder().with("id", 7).build(), "\"result\":{}");
        assertEquals(before, server.heard.size());
        assertTrue(client.answer("ping", "{}").has("result"));
        assertEquals(before + 1, server.heard.size());
    }
}
