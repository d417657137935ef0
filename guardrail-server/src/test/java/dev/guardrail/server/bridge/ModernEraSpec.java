package dev.guardrail.server.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The bridge between a host and a door of 2026-07-28 that is played.
@Timeout(60)
class ModernEraSpec {
    private static final String META = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
            + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"h\",\"version\":\"1\"},"
            + "\"io.modelcontextprotocol/clientCapabilities\":{}}";
    private static final String TOOLS = "{\"resultType\":\"complete\",\"tools\":[{\"name\":\"sql\",\"inputSchema\":"
            + "{\"type\":\"object\",\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"}}}},"
            + "{\"name\":\"bad\",\"inputSchema\":{\"x-mcp-header\":\"X\"}}]}";

    private static String request(String id, String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{"
                + (params.isEmpty() ? "" : params + ",") + META + "}}";
    }

    private static String call(String id) {
        return request(id, "tools/call", "\"name\":\"sql\",\"arguments\":{\"region\":\"üb\"}");
    }

    private static void mismatch(PlayedDoor.Stage stage) throws java.io.IOException {
        stage.json(
                400, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32020,\"message\":\"Header mismatch\"}}");
    }

    @Test
    void headers_mirror_the_body_and_there_is_no_session() throws Exception {
        try (var door = new PlayedDoor(
                        (seen, stage) -> stage.with("Mcp-Session-Id", "no").result(seen, "{}"));
                var host = HostSide.at(door)) {
            host.say(request("1", "server/discover", "")).result("1");
            var probe = door.next("server/discover");
            assertEquals("2026-07-28", probe.header("MCP-Protocol-Version").orElseThrow());
            assertEquals("server/discover", probe.header("Mcp-Method").orElseThrow());
            assertEquals(Optional.empty(), probe.header("Mcp-Name"));
            host.say(request("2", "prompts/get", "\"name\":\"größe\"")).result("2");
            assertEquals(
                    "=?base64?Z3LDtsOfZQ==?=",
                    door.next("prompts/get").header("Mcp-Name").orElseThrow());
            host.say(request("3", "resources/read", "\"uri\":\"file:///a b\"")).result("3");
            var read = door.next("resources/read");
            assertEquals("file:///a b", read.header("Mcp-Name").orElseThrow());
            assertEquals(Optional.empty(), read.header("Mcp-Session-Id"));
            assertEquals(request("3", "resources/read", "\"uri\":\"file:///a b\""), read.body());
        }
    }

    @Test
    void arguments_are_mirrored_as_the_list_of_tools_said() throws Exception {
        try (var door = new PlayedDoor(
                        (seen, stage) -> stage.result(seen, seen.what().equals("tools/list") ? TOOLS : "{}"));
                var host = HostSide.at(door)) {
            var tools = host.say(request("1", "tools/list", ""))
                    .result("1")
                    .array("tools")
                    .orElseThrow();
            assertEquals(1, tools.items().size(), "the tool that breaks the rules is left out");
            assertTrue(host.words().contains("`bad`"), host.words());
            host.say(call("2")).result("2");
            var called = door.next("tools/call");
            assertEquals("sql", called.header("Mcp-Name").orElseThrow());
            assertEquals("=?base64?w7xi?=", called.header("Mcp-Param-Region").orElseThrow());
        }
    }

    @Test
    void a_call_whose_headers_did_not_fit_goes_once_more_with_those_of_the_tool() throws Exception {
        try (var door = new PlayedDoor((seen, stage) -> {
                    boolean fits = seen.header("Mcp-Param-Region").isPresent();
                    if (seen.what().equals("tools/list")) stage.result(seen, TOOLS);
                    else if (fits) stage.events().event("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"ran\":true}}");
                    else mismatch(stage);
                });
                var host = HostSide.at(door)) {
            assertTrue(host.say(call("1")).result("1").isTrue("ran"));
            door.next("tools/call");
            assertEquals("tools/list", door.next().header("Mcp-Method").orElseThrow());
            door.next("tools/call");
            assertFalse(host.hasLines(), "the host hears nothing of the list");
        }
    }

    @Test
    void a_call_that_fits_no_better_then_is_refused() throws Exception {
        try (var door = new PlayedDoor((seen, stage) -> {
                    if (seen.what().equals("tools/list")) stage.result(seen, "{\"tools\":[]}");
                    else mismatch(stage);
                });
                var host = HostSide.at(door)) {
            assertEquals(-32020, host.say(call("1")).error("1").integer("code").orElseThrow());
            door.next("tools/call");
            door.next("tools/list");
            assertEquals(0, door.waiting("tools/call"));
        }
    }

    @Test
    void to_take_a_request_back_closes_its_stream_and_says_nothing() throws Exception {
        var left = new CompletableFuture<Boolean>();
        try (var door = new PlayedDoor((seen, stage) -> {
                    if (seen.what().equals("tools/call"))
                        left.complete(stage.events().awaitHangUp());
                    else stage.result(seen, "{}");
                });
                var host = HostSide.at(door)) {
            host.say(call("\"c\""));
            door.next("tools/call");
            host.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"c\"}}");
            assertTrue(left.get(20, TimeUnit.SECONDS));
            host.say(request("2", "server/discover", "")).result("2");
            assertEquals(0, door.waiting("notifications/cancelled"));
            assertFalse(host.hasLines(), "it was never answered");
        }
    }

    @Test
    void a_subscription_is_heard_until_the_guard_ends_it_and_then_taken_back() throws Exception {
        try (var door = new PlayedDoor((seen, stage) -> stage.events()
                        .event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\"}")
                        .event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}"));
                var host = HostSide.at(door)) {
            host.say(request("4", "subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}"));
            assertEquals(
                    "notifications/subscriptions/acknowledged",
                    host.next().text("method").orElseThrow());
            assertEquals(
                    "notifications/tools/list_changed",
                    host.next().text("method").orElseThrow());
            JsonObject ended = host.next();
            assertEquals("notifications/cancelled", ended.text("method").orElseThrow());
            assertEquals(
                    4, ended.object("params").orElseThrow().integer("requestId").orElseThrow());
            door.next("subscriptions/listen");
            assertEquals(0, door.waiting("subscriptions/listen"), "it is the host's to begin it anew");
        }
    }

    @Test
    void a_stream_is_not_resumed_and_asks_the_host_nothing() throws Exception {
        try (var door = new PlayedDoor(
                        (seen, stage) -> stage.events()
                                .send(
                                        "id: 1\ndata: {\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"sampling/createMessage\"}\n\n"));
                var host = HostSide.at(door)) {
            JsonObject error = host.say(call("1")).error("1");
            assertTrue(error.text("message").orElseThrow().contains("journal"), error::toString);
            door.next("tools/call");
            assertEquals(0, door.waiting("GET"));
        }
    }

    @Test
    void what_fits_in_no_header_is_refused_here() throws Exception {
        try (var door = new PlayedDoor((seen, stage) -> stage.result(seen, "{}"));
                var host = HostSide.at(door)) {
            assertEquals(
                    -32600,
                    host.say(request("1", "tools/üb", ""))
                            .error("1")
                            .integer("code")
                            .orElseThrow());
            assertEquals(
                    -32600,
                    host.say(request("2", "tools/list", "").replace("2026-07-28", "2026\\r\\nX: y"))
                            .error("2")
                            .integer("code")
                            .orElseThrow());
            host.say(request("3", "tools/list", "")).result("3");
            assertEquals("3", String.valueOf(door.next().json().get("id").orElseThrow()), "only this one came");
        }
    }

    @Test
    void a_host_that_leaves_closes_the_streams_of_what_is_under_way() throws Exception {
        var left = new CompletableFuture<Boolean>();
        try (var door = new PlayedDoor(
                        (seen, stage) -> left.complete(stage.events().awaitHangUp()));
                var host = HostSide.at(door)) {
            host.say(call("1"));
            door.next("tools/call");
            host.hangUp();
            assertTrue(left.get(20, TimeUnit.SECONDS));
            host.awaitEnd();
            assertEquals(0, door.waiting("DELETE"), "there was no session");
        }
    }
}
