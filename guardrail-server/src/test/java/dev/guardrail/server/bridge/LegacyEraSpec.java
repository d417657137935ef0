package dev.guardrail.server.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The bridge between a host and a door of 2025-11-25 that is played.
@Timeout(60)
class LegacyEraSpec {
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"t\"}}";

    /// A door that does what every server does, and for the rest as told.
    private static PlayedDoor door(PlayedDoor.Script calls) throws IOException {
        return new PlayedDoor((seen, stage) -> {
            switch (seen.what()) {
                case "initialize" -> stage.with("Mcp-Session-Id", "s-1").result(seen, HostSide.GREETING);
                case "notifications/initialized" -> stage.status(202);
                case "GET" -> stage.status(405);
                case "DELETE" -> stage.status(204);
                default -> calls.play(seen, stage);
            }
        });
    }

    @Test
    void the_session_goes_with_every_request_and_ends_with_the_host() throws Exception {
        try (var door = door((seen, stage) -> stage.result(seen, "{\"tools\":[]}"))) {
            var host = HostSide.at(door).initialize();
            var greeting = door.next("initialize");
            assertEquals("/mcp/files", greeting.path());
            assertEquals(Optional.of("Bearer " + HostSide.KEY), greeting.header("Authorization"));
            assertEquals(Optional.of("application/json, text/event-stream"), greeting.header("Accept"));
            assertEquals(Optional.empty(), greeting.header("Mcp-Session-Id"));
            assertEquals(Optional.empty(), greeting.header("MCP-Protocol-Version"));
            assertEquals(
                    "s-1",
                    door.next("notifications/initialized")
                            .header("Mcp-Session-Id")
                            .orElseThrow());
            host.say("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/list\"}")
                    .result("\"a\"");
            var list = door.next("tools/list");
            assertEquals(Optional.of("s-1"), list.header("Mcp-Session-Id"));
            assertEquals(Optional.of("2025-11-25"), list.header("MCP-Protocol-Version"));
            assertEquals(Optional.empty(), list.header("Mcp-Method"));
            host.close();
            assertEquals(Optional.of("s-1"), door.next("DELETE").header("Mcp-Session-Id"));
        }
    }

    @Test
    void the_stream_beside_the_answers_is_heard_and_resumed() throws Exception {
        var listening = new AtomicInteger();
        try (var door = new PlayedDoor((seen, stage) -> {
                    switch (seen.what()) {
                        case "initialize" -> stage.with("Mcp-Session-Id", "s").result(seen, HostSide.GREETING);
                        case "GET" -> {
                            if (listening.incrementAndGet() == 1)
                                stage.events()
                                        .send("id: 7\nretry: 60\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"one\"}\n\n")
                                        .send("id: 8\ndata: {\"jsonrpc\":\"2.0\",\"met");
                            else {
                                stage.events().event("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"roots/list\"}");
                                stage.awaitHangUp();
                            }
                        }
                        default -> stage.status(202);
                    }
                });
                var host = HostSide.at(door).initialize()) {
            assertEquals(Optional.of("one"), host.next().text("method"));
            assertEquals(Optional.empty(), door.next("GET").header("Last-Event-ID"));
            assertEquals(Optional.of("7"), door.next("GET").header("Last-Event-ID"), "the second never came whole");
            assertEquals(Optional.of("roots/list"), host.next().text("method"));
            host.say("{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"roots\":[]}}");
            var answer = door.next("response");
            assertEquals(Optional.of("s"), answer.header("Mcp-Session-Id"));
            assertEquals("{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"roots\":[]}}", answer.body());
        }
    }

    @Test
    void what_comes_on_a_stream_comes_in_its_order_one_line_each() throws Exception {
        try (var door = door((seen, stage) -> stage.events()
                        .event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"n\":1}}")
                        .event("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"sampling/createMessage\"}")
                        .send("event: message\ndata: {\"jsonrpc\":\"2.0\",\ndata:   \"id\":1,\r\ndata: \"result\": {\n"
                                + "data:  \"z\": 1.0, \"a\":\t1e400\ndata: }}\n\n"));
                var host = HostSide.at(door).initialize()) {
            host.say(CALL);
            assertEquals(
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"n\":1}}",
                    host.nextLine());
            assertEquals("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"sampling/createMessage\"}", host.nextLine());
            assertEquals("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"z\":1.0,\"a\":1e400}}", host.nextLine());
        }
    }

    @Test
    void a_stream_that_ends_before_the_answer_is_resumed() throws Exception {
        try (var door = new PlayedDoor((seen, stage) -> {
                    switch (seen.what()) {
                        case "initialize" -> stage.with("Mcp-Session-Id", "s").result(seen, HostSide.GREETING);
                        case "tools/call" -> stage.events().send("id: p1\nretry: 50\ndata:\n\n");
                        case "GET" -> {
                            if (seen.header("Last-Event-ID").isEmpty()) stage.status(405);
                            else stage.events().event("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
                        }
                        default -> stage.status(202);
                    }
                });
                var host = HostSide.at(door).initialize()) {
            host.say(CALL).result("1");
            door.next("tools/call");
            var resumed = door.next("GET");
            // The one that listens beside the answers may come before it.
            if (resumed.header("Last-Event-ID").isEmpty()) resumed = door.next("GET");
            assertEquals("p1", resumed.header("Last-Event-ID").orElseThrow());
            assertEquals(0, door.waiting("tools/call"), "it was asked once");
        }
    }

    @Test
    void a_lost_answer_is_told_as_lost_and_the_call_is_not_repeated() throws Exception {
        try (var door = door((seen, stage) -> stage.events());
                var host = HostSide.at(door).initialize()) {
            JsonObject error = host.say(CALL).error("1");
            assertTrue(error.text("message").orElseThrow().contains("do not repeat it"), error::toString);
            assertFalse(error.object("data").orElseThrow().has("executed"), "nobody here knows");
            door.next("tools/call");
            assertEquals(0, door.waiting("tools/call"));
        }
    }

    @Test
    void a_lost_session_is_begun_anew_and_what_was_refused_for_it_goes_again() throws Exception {
        var sessions = new AtomicInteger();
        try (var door = new PlayedDoor((seen, stage) -> {
                    boolean gone = seen.header("Mcp-Session-Id").equals(Optional.of("s-1")) && sessions.get() == 1;
                    switch (seen.what()) {
                        case "initialize" ->
                            stage.with("Mcp-Session-Id", "s-" + sessions.incrementAndGet())
                                    .result(seen, HostSide.GREETING);
                        case "GET" -> stage.status(405);
                        case "tools/call" -> {
                            if (gone || seen.header("Mcp-Session-Id").equals(Optional.of("s-1")))
                                stage.json(
                                        404,
                                        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"gone\"}}");
                            else stage.result(seen, "{\"ran\":true}");
                        }
                        default -> stage.status(202);
                    }
                });
                var host = HostSide.at(door).initialize()) {
            var greeting = door.next("initialize");
            host.say(CALL);
            assertEquals(
                    Optional.of("notifications/tools/list_changed"), host.next().text("method"));
            assertTrue(host.result("1").isTrue("ran"));
            assertEquals("s-1", door.next("tools/call").header("Mcp-Session-Id").orElseThrow());
            var again = door.next("initialize");
            assertEquals(greeting.json().get("params"), again.json().get("params"));
            assertEquals(Optional.empty(), again.header("Mcp-Session-Id"));
            assertEquals(
                    "s-2",
                    door.next("notifications/initialized")
                            .header("Mcp-Session-Id")
                            .orElseThrow());
            assertEquals("s-2", door.next("tools/call").header("Mcp-Session-Id").orElseThrow());
            assertEquals(0, door.waiting("tools/call"));
        }
    }

    @Test
    void a_session_begun_anew_has_what_the_host_asked_for_before() throws Exception {
        var sessions = new AtomicInteger();
        try (var door = new PlayedDoor((seen, stage) -> {
                    boolean gone = !seen.header("Mcp-Session-Id").equals(Optional.of("s-" + sessions.get()));
                    switch (seen.what()) {
                        case "initialize" ->
                            stage.with("Mcp-Session-Id", "s-" + sessions.incrementAndGet())
                                    .result(seen, HostSide.GREETING);
                        case "GET" -> stage.status(405);
                        case "notifications/initialized" -> stage.status(202);
                        default -> {
                            if (gone) stage.status(404);
                            else stage.result(seen, "{}");
                        }
                    }
                });
                var host = HostSide.at(door).initialize()) {
            host.say(asks(1, "logging/setLevel", "\"level\":\"debug\"")).result("1");
            host.say(asks(2, "resources/subscribe", "\"uri\":\"a:b\"")).result("2");
            host.say(asks(3, "resources/subscribe", "\"uri\":\"a:c\"")).result("3");
            host.say(asks(4, "resources/unsubscribe", "\"uri\":\"a:c\"")).result("4");
            door.next("resources/unsubscribe");
            sessions.incrementAndGet(); // the guard has forgotten the first
            host.say(CALL);
            assertEquals(
                    Optional.of("notifications/tools/list_changed"), host.next().text("method"));
            host.result("1");
            var level = door.next("logging/setLevel").json();
            assertEquals(
                    "{\"level\":\"debug\"}", String.valueOf(level.get("params").orElseThrow()));
            var subscription = door.next("resources/subscribe").json();
            assertEquals(
                    "{\"uri\":\"a:b\"}",
                    String.valueOf(subscription.get("params").orElseThrow()));
            assertTrue(subscription.text("id").isPresent(), "its id is its own");
            assertEquals("s-3", door.next("tools/call").header("Mcp-Session-Id").orElseThrow());
            assertEquals(0, door.waiting("resources/subscribe"));
        }
    }

    private static String asks(int id, String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + params + "}}";
    }

    @Test
    void a_request_taken_back_is_told_after_it_and_its_stream_closed() throws Exception {
        var left = new CompletableFuture<Boolean>();
        try (var door = door((seen, stage) -> {
                    if (seen.what().equals("tools/call"))
                        left.complete(stage.events().awaitHangUp());
                    else if (seen.what().equals("ping")) stage.result(seen, "{}");
                    else stage.status(202);
                });
                var host = HostSide.at(door).initialize()) {
            host.say(CALL);
            door.next("tools/call");
            String cancelled =
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}";
            host.say(cancelled);
            assertEquals(cancelled, door.next("notifications/cancelled").body());
            assertTrue(left.get(20, TimeUnit.SECONDS), "its stream was closed");
            host.say("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}").result("2");
            assertFalse(host.hasLines(), "it was never answered");
        }
    }

    @Test
    void a_request_waits_for_the_notification_before_it_and_requests_run_side_by_side() throws Exception {
        var slow = new CountDownLatch(1);
        var together = new CountDownLatch(2);
        try (var door = door((seen, stage) -> {
                    if (seen.what().equals("notifications/slow")) {
                        slow.await();
                        stage.status(202);
                    } else {
                        together.countDown();
                        together.await();
                        stage.result(seen, "{}");
                    }
                });
                var host = HostSide.at(door).initialize()) {
            host.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/slow\"}").say(CALL);
            host.say(CALL.replace("\"id\":1", "\"id\":2"));
            door.next("notifications/slow");
            assertEquals(0, door.waiting("tools/call"));
            slow.countDown();
            var ids = List.of(
                    String.valueOf(host.next().get("id").orElseThrow()),
                    String.valueOf(host.next().get("id").orElseThrow()));
            assertTrue(ids.containsAll(List.of("1", "2")), ids::toString);
        }
    }

    @Test
    void what_the_door_refuses_is_told_under_the_hosts_id() throws Exception {
        try (var door = door((seen, stage) -> {
                    switch (seen.json()
                            .object("params")
                            .orElseThrow()
                            .text("name")
                            .orElseThrow()) {
                        case "t" ->
                            stage.json(
                                    400,
                                    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"no\"}}");
                        case "key" -> stage.json(401, "{\"title\":\"Unauthenticated\"}");
                        case "moved" ->
                            stage.with("Location", "http://127.0.0.1:9/").status(307);
                        case "down" -> stage.status(503);
                        case "other" -> stage.json(200, "{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}");
                        case "html" -> stage.json(200, "<html>");
                        default -> stage.status(202);
                    }
                });
                var host = HostSide.at(door).initialize()) {
            assertEquals(Optional.of("no"), host.say(CALL).error("1").text("message"));
            refused(host, "key", "--key-file", true);
            refused(host, "moved", "307", true);
            refused(host, "down", "503", false);
            refused(host, "other", "no answer", false);
            refused(host, "html", "no answer", false);
            refused(host, "nothing", "no answer", false);
        }
    }

    private static void refused(HostSide host, String tool, String why, boolean knownNotToRun) throws Exception {
        JsonObject error = host.say(CALL.replace("\"t\"", "\"" + tool + "\"")).error("1");
        assertTrue(error.text("message").orElseThrow().contains(why), error::toString);
        assertEquals(knownNotToRun, error.object("data").orElseThrow().has("executed"), error::toString);
        assertFalse(error.toString().contains(HostSide.KEY));
        assertFalse(host.words().contains(HostSide.KEY));
    }

    @Test
    void without_a_guard_it_says_what_to_do_and_goes_on_when_there_is_one() throws Exception {
        int port;
        try (var gone = new PlayedDoor((seen, stage) -> stage.status(404))) {
            port = gone.port();
        }
        try (var host = new HostSide(java.net.URI.create("http://127.0.0.1:" + port), "files", HostSide.KEY)) {
            JsonObject error = host.say(HostSide.INITIALIZE).error("0");
            assertTrue(error.text("message").orElseThrow().contains("guardrail serve"), error::toString);
            assertEquals(
                    "false",
                    String.valueOf(
                            error.object("data").orElseThrow().get("executed").orElseThrow()));
            assertTrue(host.words().contains("guardrail serve"), host.words());
            try (var door = new PlayedDoor(
                    port, (seen, stage) -> stage.with("Mcp-Session-Id", "s").result(seen, HostSide.GREETING))) {
                host.say(HostSide.INITIALIZE).result("0");
                door.next("initialize");
            }
        }
    }

    @Test
    void bad_lines_are_answered_and_go_no_further() throws Exception {
        try (var door = door((seen, stage) -> stage.result(seen, "{}"));
                var host = HostSide.at(door).initialize()) {
            door.next("notifications/initialized");
            assertEquals(-32700, code(host.say("{\"jsonrpc\":\"2.0\",\"id\":1,")));
            assertEquals(-32700, code(host.say(CALL + "\r" + CALL)));
            assertEquals(-32700, code(host.say(CALL + "\u2028" + CALL)));
            assertEquals(-32700, code(host.say("\uFEFF" + CALL)));
            assertEquals(-32600, code(host.say("[" + CALL + "]")));
            assertEquals(-32600, code(host.say("x".repeat(Bridge.LINE_BYTES + 1))));
            assertEquals(0, door.waiting("tools/call"));
            host.say(CALL).result("1");
            assertEquals(CALL, door.next("tools/call").body());
        }
    }

    private static long code(HostSide host) throws InterruptedException {
        return host.error("null").integer("code").orElseThrow();
    }

    @Test
    void an_id_that_is_under_way_is_not_taken_twice() throws Exception {
        var go = new CountDownLatch(1);
        try (var door = door((seen, stage) -> {
                    go.await();
                    stage.result(seen, "{\"first\":true}");
                });
                var host = HostSide.at(door).initialize()) {
            host.say(CALL).say(CALL);
            assertEquals(-32600, host.error("null").integer("code").orElseThrow());
            go.countDown();
            assertTrue(host.result("1").isTrue("first"));
            host.say(CALL).result("1");
        }
    }

    @Test
    void a_host_that_leaves_takes_back_what_is_under_way_and_what_was_not_sent() throws Exception {
        var left = new CompletableFuture<Boolean>();
        var slow = new CountDownLatch(1);
        try (var door = door((seen, stage) -> {
                    if (seen.what().equals("tools/call"))
                        left.complete(stage.events().awaitHangUp());
                    else slow.await();
                });
                var host = HostSide.at(door).initialize()) {
            host.say(CALL);
            door.next("tools/call");
            host.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/slow\"}");
            host.say(CALL.replace("\"id\":1", "\"id\":2"));
            door.next("notifications/slow");
            host.hangUp();
            door.next("DELETE");
            assertTrue(left.get(20, TimeUnit.SECONDS));
            host.awaitEnd();
            slow.countDown();
            assertEquals(0, door.waiting("tools/call"), "the second was never sent");
            assertFalse(host.hasLines());
        }
    }
}
