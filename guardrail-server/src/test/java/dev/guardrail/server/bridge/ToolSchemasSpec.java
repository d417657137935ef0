package dev.guardrail.server.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.relay.Mirror;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Arguments mirrored into headers (MCP 2026-07-28, basic/transports/streamable-http).
class ToolSchemasSpec {
    private final List<String> words = new ArrayList<>();
    private final ToolSchemas schemas = new ToolSchemas(words::add);

    private static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.getBytes(UTF_8));
    }

    private int learn(String schema) {
        var list = json("{\"tools\":[{\"name\":\"t\",\"inputSchema\":" + schema + "},{\"name\":\"plain\"}]}");
        return schemas.learn(list).array("tools").orElseThrow().items().size();
    }

    private Map<String, String> headers(String tool, String arguments) {
        var params = json("{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}");
        var headers = new HashMap<>(Mirror.of("tools/call", params, schemas.of(tool)));
        headers.keySet().removeIf(name -> !name.startsWith(Mirror.PARAM));
        return headers;
    }

    @Test
    void annotated_arguments_are_mirrored_at_their_exact_path() {
        assertEquals(2, learn("""
                {"type":"object","properties":{
                  "region":{"type":"string","x-mcp-header":"Region"},
                  "x-mcp-header":{"type":"string"},
                  "in":{"type":"object","properties":{"size":{"type":"integer","x-mcp-header":"Size"}}},
                  "dry":{"type":"boolean","x-mcp-header":"Dry"}}}"""));
        assertEquals(
                Map.of("Mcp-Param-Region", "=?base64?w7xi?=", "Mcp-Param-Size", "42", "Mcp-Param-Dry", "true"),
                headers("t", "{\"region\":\"üb\",\"in\":{\"size\":42.0},\"dry\":true,\"size\":7}"));
        assertEquals(Map.of(), headers("t", "{\"region\":null,\"in\":[],\"dry\":{}}"), "absent, null, no scalar");
        assertEquals(Map.of(), headers("plain", "{\"region\":\"x\"}"));
        assertEquals(Map.of(), headers("unknown", "{}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"x-mcp-header\":\"Root\",\"type\":\"string\"}",
                "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"\"}}}",
                "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":7}}}",
                "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"a b\"}}}",
                "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"a\\r\\nX\"}}}",
                "{\"properties\":{\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}}}",
                "{\"properties\":{\"a\":{\"x-mcp-header\":\"A\"}}}",
                "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"},"
                        + "\"b\":{\"type\":\"string\",\"x-mcp-header\":\"a\"}}}",
                "{\"properties\":{\"a\":{\"items\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}}",
                "{\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}]}",
                "{\"$defs\":{\"d\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}"
            })
    void a_tool_that_breaks_the_rules_is_left_out_alone(String schema) {
        assertEquals(1, learn(schema));
        assertTrue(words.getFirst().startsWith("a tool is left out: `t`"), words::toString);
        assertEquals(2, learn("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}"));
    }
}
