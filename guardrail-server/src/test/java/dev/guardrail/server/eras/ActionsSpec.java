package dev.guardrail.server.eras;

import static dev.guardrail.server.eras.Client.call;
import static dev.guardrail.server.eras.PlayedServer.parse;
import static dev.guardrail.server.eras.PlayedServer.text;
import static dev.guardrail.server.eras.PlayedServer.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// MCP requests that are no tool calls are actions: policy decides over each, whoever makes it.
@Timeout(120)
class ActionsSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: actions}
            rules:
              - {id: tools, match: {tools: ["shop.run"]}, effect: allow}
              - {id: read, match: {tools: ["shop.mcp:resources/*"]}, effect: allow, when: 'args.uri.startsWith("a://open/")'}
              - {id: prompts, match: {tools: ["shop.mcp:prompts/get"]}, effect: allow, when: 'args.name == "good"'}
              - {id: sample, match: {tools: ["shop.mcp:sampling/createMessage"]}, effect: allow, when: args.maxTokens <= 100}
              - {id: elicit, match: {tools: ["shop.mcp:elicitation/create"]}, effect: allow}
              - id: no-secrets
                match: {tools: ["*.mcp:elicitation/create"]}
                effect: deny
                message: No server asks for secrets.
                when: >-
                  args.message.matches("(?i)password|api.?key|secret")
                  || (has(args.requestedSchema) && has(args.requestedSchema.properties)
                  && args.requestedSchema.properties.exists(name, name.matches("(?i)password|token")))
            """;

    private Stage stage;
    private PlayedServer server;
    private Client client;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        server = new PlayedServer(false, tool("run"), tool("hidden"));
        stage = new Stage(directory, server, RULES);
        client = stage.legacy();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        stage.close();
    }

    private static long code(JsonObject answer) {
        return answer.object("error").orElseThrow().integer("code").orElseThrow();
    }

    private static JsonObject result(JsonObject answer) {
        return answer.object("result").orElseThrow(() -> new AssertionError(answer));
    }

    @Test
    void reading_a_resource_is_decided_by_its_address() {
        server.on(
                "resources/read",
                turn -> turn.result(parse("{\"contents\":[{\"uri\":\"a://open/x\",\"text\":\"1.0\"}]}")));
        server.on("resources/subscribe", turn -> turn.result(JsonObject.EMPTY));
        for (String method : List.of("resources/read", "resources/subscribe")) {
            var denied = client.answer(method, "{\"uri\":\"a://shut/x\"}");
            assertEquals(-32011, code(denied));
            assertTrue(denied.toString().contains("\"effect\":\"deny\""), denied::toString);
            assertEquals(0, server.all(method).size());
            assertEquals(1, stage.decided("shop.mcp:" + method, "deny"));
            var params = "{\"uri\":\"a://open/x\",\"_meta\":{\"k\":1},\"z\":1.0}";
            result(client.answer(method, params));
            assertEquals(params, server.first(method).params().toString(), "as the client sent them");
            assertEquals(1, stage.decided("shop.mcp:" + method, "allow"));
        }
        assertEquals(
                "{\"contents\":[{\"uri\":\"a://open/x\",\"text\":\"1.0\"}]}",
                result(client.answer("resources/read", "{\"uri\":\"a://open/x\"}"))
                        .toString());
    }

    @Test
    void getting_a_prompt_is_decided_by_its_name() {
        server.on("prompts/get", turn -> turn.result(parse("{\"messages\":[]}")));
        assertEquals(-32011, code(client.answer("prompts/get", "{\"name\":\"bad\"}")));
        assertEquals(0, server.all("prompts/get").size());
        assertEquals(
                "{\"messages\":[]}",
                result(client.answer("prompts/get", "{\"name\":\"good\"}")).toString());
        server.on("prompts/get", turn -> turn.error(200, -32602, "no such prompt"));
        assertEquals(-32602, code(client.answer("prompts/get", "{\"name\":\"good\"}")), "an error of the server's own");
    }

    /// Has the server ask something in a call.
    ///
    /// @return what the client was asked; empty where it was not
    private JsonObject asked(String method, String params, String answer) {
        server.on("tools/call run", turn -> {
            turn.stream();
            turn.ask("\"" + turn.id().hashCode() + "\"", method, params);
            turn.result(text(String.valueOf(
                    server.reply("\"" + turn.id().hashCode() + "\"").toString().contains("-32011"))));
        });
        try (var stream = client.post(call(5, "run", ""))) {
            var first = stream.event().json();
            if (!first.has("method")) {
                assertTrue(first.toString().contains("\"true\""), "the server is told of the decision");
                return JsonObject.EMPTY;
            }
            client.reply(first, answer);
            assertTrue(stream.event().data().contains("\"false\""));
            return first.object("params").orElseThrow();
        }
    }

    @Test
    void sampling_is_decided_by_what_it_costs() {
        assertEquals(
                JsonObject.EMPTY,
                asked("sampling/createMessage", "{\"messages\":[],\"maxTokens\":101}", "\"result\":{}"));
        assertEquals(1, stage.decided("shop.mcp:sampling/createMessage", "deny"));
        assertEquals(
                "{\"messages\":[],\"maxTokens\":100}",
                asked("sampling/createMessage", "{\"messages\":[],\"maxTokens\":100}", "\"result\":{}")
                        .toString());
    }

    @Test
    void a_server_that_asks_for_secrets_is_not_heard() {
        String answer = "\"result\":{\"action\":\"decline\"}";
        String form = "{\"message\":\"Hello\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"NAME\":"
                + "{\"type\":\"string\"}}}}";
        assertEquals(JsonObject.EMPTY, asked("elicitation/create", "{\"message\":\"Your PassWord?\"}", answer));
        assertEquals(JsonObject.EMPTY, asked("elicitation/create", form.replace("NAME", "accessToken"), answer));
        assertEquals(2, stage.decided("shop.mcp:elicitation/create", "deny"));
        String harmless = form.replace("NAME", "colour");
        assertEquals(harmless, asked("elicitation/create", harmless, answer).toString());
        assertEquals(
                "{\"message\":\"Colour?\"}",
                asked("elicitation/create", "{\"message\":\"Colour?\"}", answer).toString());
    }

    @Test
    void no_rule_for_requests_permits_a_call_of_a_tool_or_what_is_no_action(@TempDir Path other) throws Exception {
        try (var open = new Stage(other, new PlayedServer(false, tool("run"), tool("hidden")), """
                        apiVersion: guardrail/v1
                        kind: Policy
                        metadata: {name: requests}
                        rules:
                          - {id: tools, match: {tools: ["shop.run"]}, effect: allow}
                          - {id: requests, match: {tools: ["*.mcp:*"]}, effect: allow}
                        """);
                var bold = open.legacy()) {
            open.server.on("tools/call run", turn -> turn.result(text("ran")));
            open.server.on("tools/call hidden", turn -> turn.result(text("ran")));
            open.server.on("x/read", turn -> turn.result(text("x")));
            result(bold.answer("tools/call", "{\"name\":\"run\",\"arguments\":{}}"));
            result(bold.answer("x/read", "{\"name\":\"hidden\"}"));
            int before = open.server.all("POST").size();
            for (String method : List.of("tools/call", "initialize", "tasks/get", "notifications/cancelled"))
                for (var answer : List.of(
                        bold.answer(
                                "tools/call",
                                "{\"name\":\"mcp:" + method
                                        + "\",\"arguments\":{\"name\":\"hidden\",\"arguments\":{}}}"),
                        bold.answer("tools/call", "{\"name\":\"hidden\",\"arguments\":{}}")))
                    assertTrue(
                            answer.has("error") || answer.toString().contains("\"effect\":\"deny\""), answer::toString);
            assertEquals(before, open.server.all("POST").size());
        }
    }
}
