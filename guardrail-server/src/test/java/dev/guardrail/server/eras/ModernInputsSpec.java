package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.PlayedServer.complete;
import static dev.guardrail.server.eras.PlayedServer.parse;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Results of the second era that want something of the client first, through a whole guard.
@Timeout(120)
class ModernInputsSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: inputs}
            rules:
              - {id: tools, match: {tools: ["shop.*"]}, effect: allow}
              - {id: read, match: {tools: ["shop.mcp:resources/read"]}, effect: allow}
              - {id: sample, match: {tools: ["shop.mcp:sampling/createMessage"]}, effect: allow, when: args.maxTokens <= 100}
              - {id: elicit, match: {tools: ["shop.mcp:elicitation/create", "shop.mcp:roots/list"]}, effect: allow}
              - id: no-secrets
                match: {tools: ["shop.mcp:elicitation/create"]}
                effect: deny
                when: args.message.matches("(?i)password")
            """;
    private static final String CAPABLE = "{\"elicitation\":{},\"sampling\":{}}";

    private Stage stage;
    private PlayedServer server;
    private Client client;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        server = new PlayedServer(true, tool("run"), tool("other"));
        stage = new Stage(directory, server, RULES);
        client = stage.modern();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        stage.close();
    }

    /// The server wants this, and runs once it was given something.
    private void wants(String requests) {
        server.on(
                "tools/call run",
                turn -> turn.result(
                        turn.params().has("inputResponses")
                                ? complete("ran")
                                : parse("{\"resultType\":\"input_required\",\"inputRequests\":" + requests
                                        + ",\"requestState\":\"upstream's own\",\"kept\":1.0}")));
    }

    private static String question(String method, String params) {
        return "{\"q\":{\"method\":\"" + method + "\",\"params\":" + params + "}}";
    }

    private static String arguments(String value) {
        return ",\"name\":\"run\",\"arguments\":{\"a\":\"" + value + "\"}";
    }

    private Client.Stream call(Client who, String params) {
        return who.ask(1, "tools/call", CAPABLE, params, Map.of());
    }

    private JsonObject result(String params) {
        var answer = call(client, params).json();
        return answer.object("result").orElseThrow(() -> new AssertionError(answer));
    }

    private static String given(String state) {
        return ",\"inputResponses\":{\"q\":{\"action\":\"accept\",\"content\":{}}},\"requestState\":\"" + state + "\"";
    }

    @Test
    void what_is_wanted_is_asked_and_the_servers_state_comes_back_to_it_alone() {
        String colour = "{\"message\":\"Colour?\",\"mode\":\"form\",\"_meta\":{\"k\":1}}";
        wants(question("elicitation/create", colour));
        var wanted = result(arguments("x"));
        assertEquals("input_required", wanted.text("resultType").orElseThrow());
        assertEquals("1.0", wanted.get("kept").orElseThrow().toString());
        var asked = wanted.object("inputRequests").orElseThrow().object("q").orElseThrow();
        assertEquals("elicitation/create", asked.text("method").orElseThrow());
        assertEquals(parse(colour), asked.object("params").orElseThrow());
        String state = wanted.text("requestState").orElseThrow();
        assertFalse(state.contains("upstream"), state);
        assertEquals(complete("ran"), result(arguments("x") + given(state)));
        var sent = server.all("tools/call").getLast().params();
        assertEquals("upstream's own", sent.text("requestState").orElseThrow());
        assertEquals(
                "{\"q\":{\"action\":\"accept\",\"content\":{}}}",
                sent.object("inputResponses").orElseThrow().toString());
        assertEquals(1, stage.decided("shop.mcp:elicitation/create", "allow"));
        assertEquals(2, stage.decided("shop.run", "allow"), "each round is decided");
    }

    private void refused(Client who, String params) {
        int before = server.all("tools/call").size();
        var answer = call(who, params);
        assertEquals(400, answer.status());
        assertEquals(
                -32602,
                answer.json().object("error").orElseThrow().integer("code").orElseThrow());
        assertEquals(before, server.all("tools/call").size(), "nothing reaches the server");
    }

    @Test
    void a_state_is_good_once_for_its_own_caller_and_request() {
        wants(question("elicitation/create", "{\"message\":\"Colour?\"}"));
        String state = result(arguments("x")).text("requestState").orElseThrow();
        String second = result(arguments("x")).text("requestState").orElseThrow();
        assertNotEquals(state, second);
        char last = state.charAt(state.length() - 5);
        String tampered = state.substring(0, state.length() - 5)
                + (last == 'A' ? 'B' : 'A')
                + state.substring(state.length() - 4);
        try (var thief = Client.modern(stage.guard, Served.OTHER, "shop")) {
            for (String forged : List.of(tampered, "", "upstream's own", "grs1.", "grs1.AAAA", state + "A"))
                refused(client, arguments("x") + given(forged));
            refused(thief, arguments("x") + given(state));
            refused(client, arguments("y") + given(state));
            refused(client, ",\"name\":\"other\",\"arguments\":{\"a\":\"x\"}" + given(state));
            refused(
                    client,
                    arguments("x") + given(state).replace("\"requestState\":\"" + state + "\"", "\"requestState\":7"));
            assertEquals(complete("ran"), result(arguments("x") + given(state)), "none of them has used it up");
            refused(client, arguments("x") + given(state));
            assertEquals(complete("ran"), result(arguments("x") + given(second)));
        }
    }

    @Test
    void what_policy_denies_is_not_asked_and_the_client_gets_no_state() {
        wants(question("elicitation/create", "{\"message\":\"Your password?\"}"));
        var denied = call(client, arguments("x")).json();
        assertEquals(
                -32011, denied.object("error").orElseThrow().integer("code").orElseThrow());
        assertTrue(denied.toString().contains("\"effect\":\"deny\""), denied::toString);
        assertFalse(denied.toString().contains("grs1."));
        assertEquals(1, stage.decided("shop.mcp:elicitation/create", "deny"));
        wants(question("sampling/createMessage", "{\"maxTokens\":101,\"messages\":[]}"));
        assertTrue(call(client, arguments("x")).json().has("error"));
        assertEquals(1, stage.decided("shop.mcp:sampling/createMessage", "deny"));
        wants(question("sampling/createMessage", "{\"maxTokens\":100,\"messages\":[]}"));
        assertTrue(result(arguments("x")).has("inputRequests"));
        wants(question("roots/list", "{}"));
        assertTrue(result(arguments("x")).has("inputRequests"));
        wants(question("files/delete", "{}"));
        assertTrue(call(client, arguments("x")).json().has("error"), "no client gives that");
    }

    @Test
    void one_denied_question_among_others_denies_them_all() {
        wants("{\"a\":{\"method\":\"roots/list\"},\"b\":{\"method\":\"elicitation/create\",\"params\":"
                + "{\"message\":\"Password!\"}}}");
        var denied = call(client, arguments("x")).json();
        assertTrue(denied.has("error"));
        assertFalse(denied.toString().contains("roots/list"));
        wants("{\"a\":{\"method\":\"roots/list\"},\"b\":{\"method\":\"elicitation/create\",\"params\":"
                + "{\"message\":\"Name\"}}}");
        assertEquals(
                List.of("a", "b"),
                List.copyOf(result(arguments("x"))
                        .object("inputRequests")
                        .orElseThrow()
                        .members()
                        .keySet()));
    }

    @Test
    void a_read_that_wants_something_is_treated_alike() {
        server.on(
                "resources/read",
                turn -> turn.result(
                        turn.params().has("inputResponses")
                                ? parse("{\"resultType\":\"complete\",\"contents\":[]}")
                                : parse("{\"resultType\":\"input_required\",\"inputRequests\":"
                                        + question("elicitation/create", "{\"message\":\"Why?\"}")
                                        + ",\"requestState\":\"read\"}")));
        var wanted = client.ask(1, "resources/read", CAPABLE, ",\"uri\":\"a://b\"", Map.of())
                .json()
                .object("result")
                .orElseThrow();
        String state = wanted.text("requestState").orElseThrow();
        var other = client.ask(1, "resources/read", CAPABLE, ",\"uri\":\"a://c\"" + given(state), Map.of());
        assertEquals(400, other.status());
        var read = client.ask(1, "resources/read", CAPABLE, ",\"uri\":\"a://b\"" + given(state), Map.of());
        assertTrue(read.json().toString().contains("contents"));
        assertEquals(
                "read",
                server.all("resources/read")
                        .getLast()
                        .params()
                        .text("requestState")
                        .orElseThrow());
    }

    @Test
    void an_answer_that_nobody_asked_for_does_not_reach_the_server_unless_policy_permits_it() {
        wants(question("elicitation/create", "{\"message\":\"Colour?\"}"));
        String unasked = ",\"inputResponses\":{\"q\":{\"action\":\"accept\",\"content\":{}}}";
        var wanted = result(arguments("x") + unasked);
        assertEquals("input_required", wanted.text("resultType").orElseThrow(), "the server asks properly now");
        assertFalse(server.all("tools/call").getLast().params().has("inputResponses"));
        assertEquals(1, stage.decided("shop.mcp:inputResponses", "deny"));
        String more = given(wanted.text("requestState").orElseThrow()).replace("\"q\":", "\"other\":{},\"q\":");
        assertEquals(complete("ran"), result(arguments("x") + more));
        assertEquals(
                "{\"q\":{\"action\":\"accept\",\"content\":{}}}",
                server.all("tools/call")
                        .getLast()
                        .params()
                        .object("inputResponses")
                        .orElseThrow()
                        .toString(),
                "what was asked alone");
        assertEquals(2, stage.decided("shop.mcp:inputResponses", "deny"));
    }
}
