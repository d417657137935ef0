package dev.guardrail.server.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemasSpec {
    private static final ToolName PAY = ToolName.parse("bank.pay");

    private final JsonSchemas schemas = new JsonSchemas();

    private static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.getBytes(UTF_8));
    }

    private static ToolDefinition tool(String schema) {
        var definition =
                JsonObject.with("name", "pay").with("inputSchema", json(schema)).build();
        return tool(definition, Optional.of(json(schema)));
    }

    private static ToolDefinition tool(JsonObject definition, Optional<JsonObject> schema) {
        return new ToolDefinition(
                PAY,
                definition,
                schema,
                ToolEffect.EXTERNAL,
                Set.of(),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(PAY, definition));
    }

    private Optional<String> violation(String schema, String arguments) {
        return schemas.violation(tool(schema), json(arguments));
    }

    private void fits(String schema, String arguments) {
        assertEquals(Optional.empty(), violation(schema, arguments), schema + " for " + arguments);
    }

    private void fails(String schema, String arguments) {
        assertTrue(violation(schema, arguments).isPresent(), schema + " for " + arguments);
    }

    @Test
    void a_tool_without_a_schema_takes_anything() {
        assertEquals(Optional.empty(), schemas.violation(tool(JsonObject.EMPTY, Optional.empty()), json("{\"a\":1}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{'amount':{'type':'integer'}} ; {'amount':1} ; {'amount':'1e9'}",
                "{'amount':{'type':'integer'}} ; {'amount':1.0} ; {'amount':1.5}",
                "{'amount':{'type':'integer'}} ; {'amount':10000000000000000000} ; {'amount':true}",
                "{'amount':{'type':'number'}} ; {'amount':-0} ; {'amount':null}",
                "{'amount':{'maximum':9007199254740993}} ; {'amount':9007199254740993} ; {'amount':9007199254740994}",
                "{'to':{'type':'array','items':{'type':'string'},'minItems':1}} ; {'to':['a']} ; {'to':[]}",
                "{'to':{'enum':['a','b']}} ; {'to':'a'} ; {'to':'c'}",
                "{'to':{'pattern':'^[a-z]+$'}} ; {'to':'abc'} ; {'to':'aBc'}",
                "{'to':{'pattern':'^[\\u0041-\\u0043]$'}} ; {'to':'B'} ; {'to':'D'}",
                "{'to':{'const':{'a':[1,2]}}} ; {'to':{'a':[1,2]}} ; {'to':{'a':[2,1]}}"
            })
    void arguments_are_held_to_the_schema(String properties, String good, String bad) {
        String schema = "{'type':'object','properties':" + properties.strip() + ",'required':[]}";

        fits(schema.replace('\'', '"'), good.strip().replace('\'', '"'));
        fails(schema.replace('\'', '"'), bad.strip().replace('\'', '"'));
    }

    @Test
    void what_is_missing_or_too_much_is_said() {
        String schema =
                "{\"type\":\"object\",\"required\":[\"to\"],\"additionalProperties\":false,\"properties\":{\"to\":{}}}";

        fits(schema, "{\"to\":1}");
        assertTrue(violation(schema, "{}").orElseThrow().contains("to"));
        assertTrue(violation(schema, "{\"to\":1,\"cc\":2}").orElseThrow().contains("cc"));
    }

    @Test
    void the_dialect_is_what_the_schema_says() {
        String tuple = "\"properties\":{\"p\":{\"items\":[{\"type\":\"string\"}],\"additionalItems\":false}}}";
        String seven = "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"," + tuple;

        fits(seven, "{\"p\":[\"a\"]}");
        fails(seven, "{\"p\":[1]}");
        fails(seven, "{\"p\":[\"a\",1]}");
        String now = "{\"properties\":{\"p\":{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}}}";
        fits(now, "{\"p\":[\"a\"]}");
        fails(now, "{\"p\":[\"a\",1]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$schema\":\"https://example.com/my-dialect\"}",
                "{\"properties\":{\"a\":{\"type\":\"strnig\"}}}",
                "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/missing\"}}}",
                "{\"properties\":{\"a\":{\"pattern\":\"(\"}}}",
                "{\"properties\":{\"a\":{\"pattern\":\"(?=x)y\"}}}",
                "{\"properties\":{\"a\":{\"pattern\":\"(((a{1,100}){1,100}){1,100})\"}}}",
                "{\"$ref\":\"#\"}"
            })
    void a_schema_that_cannot_be_used_fits_nothing(String schema) {
        fails(schema, "{\"a\":\"x\"}");
        fails(schema, "{\"a\":\"x\"}");
    }

    @Test
    void nothing_is_fetched() throws IOException {
        var asked = new AtomicInteger();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("{}".getBytes(UTF_8));
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/schema.json";

        fails("{\"properties\":{\"a\":{\"$ref\":\"" + url + "\"}}}", "{\"a\":1}");
        fails("{\"$schema\":\"" + url + "\"}", "{\"a\":1}");
        fails("{\"$id\":\"" + url + "\",\"properties\":{\"a\":{\"$ref\":\"other.json\"}}}", "{\"a\":1}");
        fails("{\"properties\":{\"a\":{\"$ref\":\"file:///etc/hostname\"}}}", "{\"a\":1}");
        fails("{\"properties\":{\"a\":{\"$ref\":\"classpath:application.yml\"}}}", "{\"a\":1}");

        server.stop(0);
        assertEquals(0, asked.get());
    }

    @Test
    void two_schemas_may_claim_one_id() {
        fits("{\"$id\":\"https://x.example/s\",\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":\"x\"}");
        fails("{\"$id\":\"https://x.example/s\",\"properties\":{\"a\":{\"type\":\"integer\"}}}", "{\"a\":\"x\"}");
    }

    @Test
    void patterns_take_time_in_proportion_to_the_text() {
        String schema = "{\"properties\":{\"a\":{\"pattern\":\"^(a+)+$\"}}}";
        String text = "a".repeat(100_000) + "!";
        fails(schema, "{\"a\":\"b\"}");

        assertTimeout(Duration.ofSeconds(5), () -> fails(schema, "{\"a\":\"" + text + "\"}"));
        fits(schema, "{\"a\":\"aaa\"}");
    }

    @Test
    void formats_assert_nothing_and_cost_nothing() {
        String schema = "{\"properties\":{\"a\":{\"format\":\"email\"},\"b\":{\"format\":\"idn-email\"}}}";

        assertTimeout(
                Duration.ofSeconds(5), () -> fits(schema, "{\"a\":\"" + "a@".repeat(100_000) + "\",\"b\":\"x\"}"));
    }

    @Test
    void branching_references_end() {
        var schema = new StringBuilder("{\"$defs\":{");
        for (int i = 0; i < 40; i++)
            schema.append("\"d" + i + "\":{\"allOf\":[{\"$ref\":\"#/$defs/d" + (i + 1) + "\"},{\"$ref\":\"#/$defs/d"
                    + (i + 1) + "\"}]},");
        schema.append("\"d40\":{\"type\":\"object\"}},\"$ref\":\"#/$defs/d0\"}");

        assertTimeout(Duration.ofSeconds(30), () -> fails(schema.toString(), "{\"a\":1}"));
    }

    @Test
    void recursion_with_an_end_works() {
        String tree =
                "{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#/$defs/node\"}}}},"
                        + "\"$ref\":\"#/$defs/node\"}";

        fits(tree, "{\"next\":{\"next\":{}}}");
        fails(tree, "{\"next\":{\"next\":1}}");
    }

    @Test
    void deep_arguments_and_schemas_are_refused_without_a_crash() {
        String deep = "{\"properties\":{\"a\":".repeat(31) + "{}" + "}}".repeat(31);
        fits(deep, "{}");
        String schema = "{\"additionalProperties\":{\"$ref\":\"#\"},\"maxProperties\":1}";
        fits(schema, "{\"a\":".repeat(40) + "{}" + "}".repeat(40));
        fails(schema, "{\"a\":".repeat(40) + "{\"a\":1,\"b\":2}" + "}".repeat(40));
    }

    @Test
    void the_operators_schema_counts_when_it_changes_under_the_same_definition() {
        var definition = JsonObject.with("name", "pay").build();
        var strings = Optional.of(json("{\"properties\":{\"a\":{\"type\":\"string\"}}}"));
        var numbers = Optional.of(json("{\"properties\":{\"a\":{\"type\":\"number\"}}}"));

        assertTrue(schemas.violation(tool(definition, numbers), json("{\"a\":\"x\"}"))
                .isPresent());
        assertEquals(Optional.empty(), schemas.violation(tool(definition, strings), json("{\"a\":\"x\"}")));
        assertTrue(schemas.violation(tool(definition, numbers), json("{\"a\":\"x\"}"))
                .isPresent());
    }

    @Test
    void a_large_schema_fits_nothing() {
        fails("{\"description\":\"" + "x".repeat(300_000) + "\"}", "{}");
        fits("{\"description\":\"" + "x".repeat(200_000) + "\"}", "{}");
    }
}
