package dev.guardrail.server.refusal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Every header that repeats the body, in every way not to say what the body says.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeaderMatrixSpec {
    private static final int MISMATCH = -32020;
    private static final String FAULT = "header-mismatch";

    /// Headers of the request, and what they say.
    private static final Map<String, String> MIRRORS = new TreeMap<>(Map.of(
            "MCP-Protocol-Version", House.REVISION,
            "Mcp-Method", "tools/call",
            "Mcp-Name", "route",
            "Mcp-Param-Region", "eu",
            "Mcp-Param-Count", "42"));

    private static final List<String> ENCODED = List.of("Mcp-Name", "Mcp-Param-Region", "Mcp-Param-Count");

    @SuppressWarnings("NullAway.Init") // set before all
    private House house;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        house = House.in(directory);
    }

    @AfterAll
    void stop() throws IOException {
        house.close();
    }

    private RawHttp request(House.Agent agent) {
        return house.modern(agent, "1", "route", "{\"region\":\"eu\",\"count\":42}")
                .with("Mcp-Param-Region", "eu")
                .with("Mcp-Param-Count", "42");
    }

    private static String base64(String text) {
        return "=?base64?" + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)) + "?=";
    }

    /// Ways of a header with this value not to say it.
    private static Map<String, UnaryOperator<RawHttp>> tricks(String name, String value) {
        var tricks = new TreeMap<String, UnaryOperator<RawHttp>>();
        tricks.put("missing", request -> request.without(name));
        tricks.put("empty", request -> request.with(name, ""));
        tricks.put("another value", request -> request.with(name, "other"));
        tricks.put("a little more", request -> request.with(name, value + "x"));
        tricks.put("a list", request -> request.with(name, value + ", " + value));
        tricks.put("twice the same", request -> request.also(name, value));
        tricks.put("twice, the true one first", request -> request.also(name, "other"));
        tricks.put(
                "twice, the true one last",
                request -> request.with(name, "other").also(name, value));
        tricks.put(
                "twice in two cases",
                request -> request.also(name.toLowerCase(Locale.ROOT), value).also(name.toUpperCase(Locale.ROOT), "x"));
        tricks.put("not ascii", request -> request.with(name, value + "\u00e9"));
        tricks.put("not ascii alone", request -> request.with(name, "\u00ff"));
        tricks.put("encoded, of another value", request -> request.with(name, base64("other")));
        tricks.put("encoded, broken", request -> request.with(name, "=?base64?%%%?="));
        tricks.put("encoded, not closed", request -> request.with(name, "=?base64?ZXU="));
        tricks.put("encoded, no utf-8", request -> request.with(name, "=?base64?/w==?="));
        tricks.put("encoded twice", request -> request.with(name, base64(base64(value))));
        tricks.put("quoted", request -> request.with(name, '"' + value + '"'));
        if (!value.equals(value.toUpperCase(Locale.ROOT)))
            tricks.put("in another case", request -> request.with(name, value.toUpperCase(Locale.ROOT)));
        if (!ENCODED.contains(name)) tricks.put("encoded", request -> request.with(name, base64(value)));
        String padded = base64(value);
        if (padded.contains("=?=")) {
            String bare = padded.replace("=", "").replace("?base64", "=?base64").replaceAll("\\?$", "?=");
            tricks.put("encoded, without padding", request -> request.with(name, bare));
        }
        return tricks;
    }

    @TestFactory
    Stream<DynamicTest> what_a_header_says_otherwise_is_refused() {
        var tests = new ArrayList<DynamicTest>();
        MIRRORS.forEach((name, value) -> tricks(name, value)
                .forEach((trick, apply) -> tests.add(dynamicTest(name + ": " + trick, () -> {
                    var agent = house.agent();
                    house.refused(agent, apply.apply(request(agent)), 400, MISMATCH, FAULT);
                }))));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> what_a_header_says_truly_passes_however_it_is_written() {
        var tests = new ArrayList<DynamicTest>();
        MIRRORS.forEach((name, value) -> {
            var ways = new TreeMap<String, UnaryOperator<RawHttp>>();
            ways.put("as it is", request -> request);
            ways.put("blanks around it", request -> request.with(name, "  \t " + value + " \t "));
            ways.put("name in lower case", request -> request.renamed(name, name.toLowerCase(Locale.ROOT)));
            ways.put("name in upper case", request -> request.renamed(name, name.toUpperCase(Locale.ROOT)));
            if (ENCODED.contains(name)) ways.put("encoded", request -> request.with(name, base64(value)));
            if (name.endsWith("Count")) ways.put("as a decimal", request -> request.with(name, "42.0"));
            ways.forEach((way, apply) -> tests.add(dynamicTest(name + ": " + way, () -> {
                var agent = house.agent();
                house.passed(apply.apply(request(agent)));
                assertEquals(List.of(), house.faults(agent));
                MIRRORS.forEach((mirror, said) -> assertEquals(
                        said, house.fresh.ofClients().getLast().headers().get(mirror), "made anew for the server"));
            })));
        });
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> a_header_without_a_counterpart_is_refused() {
        return Stream.of("Region", "Count")
                .map(name -> dynamicTest(name, () -> {
                    var agent = house.agent();
                    var request = request(agent);
                    request.body(
                            request.body().replace(name.equals("Region") ? "\"region\":\"eu\"," : ",\"count\":42", ""));
                    house.refused(agent, request, 400, MISMATCH, FAULT);
                    house.passed(request.without("Mcp-Param-" + name));
                }));
    }

    @Test
    void a_name_for_what_has_none_is_refused() {
        var agent = house.agent();
        var request = house.post("new", agent)
                .with("MCP-Protocol-Version", House.REVISION)
                .with("Mcp-Method", "tools/list")
                .with("Mcp-Name", "route")
                .body("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" + House.meta("") + "}}");
        house.refused(agent, request, 400, MISMATCH, FAULT);
        assertEquals(200, request.without("Mcp-Name").send().status());
    }

    @Test
    void the_header_may_not_hide_the_tool() {
        var agent = house.agent();
        house.refused(agent, house.modern(agent, "1", "rm", "{}").with("Mcp-Name", "ls"), 400, MISMATCH, FAULT);
        house.refused(agent, house.modern(agent, "1", "rm", "{}").with("Mcp-Method", "ping"), 400, MISMATCH, FAULT);
        house.passed(house.modern(agent, "1", "rm", "{}"));
    }

    @Test
    void a_modern_body_under_an_older_header_is_refused() {
        for (String version : List.of(House.LEGACY, "2025-06-18", "2024-11-05")) {
            var agent = house.agent();
            house.refused(agent, request(agent).with("MCP-Protocol-Version", version), 400, MISMATCH, FAULT);
            String session = house.open("old", agent);
            var inside = request(agent).with("MCP-Protocol-Version", version).with("Mcp-Session-Id", session);
            house.refused(agent, inside, 400, MISMATCH, FAULT);
        }
    }

    @Test
    void an_older_body_under_the_modern_header_is_refused() {
        var agent = house.agent();
        var request = request(agent).body(House.call("1", "route", "{\"region\":\"eu\",\"count\":42}"));
        house.refused(agent, request, 400, -32602, "facts");
    }

    @Test
    void a_revision_that_nobody_speaks_is_refused_where_header_and_body_agree_on_it() {
        var agent = house.agent();
        var request = request(agent).with("MCP-Protocol-Version", "2031-01-01");
        request.body(request.body().replace(House.REVISION, "2031-01-01"));
        house.refused(agent, request, 400, -32022, "revision");
    }

    @Test
    void versions_of_the_first_era_are_one_and_known() {
        var agent = house.agent();
        String session = house.open("old", agent);
        for (String version : List.of("2019-01-01", "", "2025-11-25 x", House.LEGACY + ", " + House.LEGACY))
            house.refused(
                    agent,
                    house.legacy(agent, session, "1", "ls", "{}").with("MCP-Protocol-Version", version),
                    400,
                    -32600,
                    "protocol-version");
        house.refused(
                agent,
                house.legacy(agent, session, "1", "ls", "{}").also("MCP-Protocol-Version", House.LEGACY),
                400,
                -32600,
                "protocol-version");
        house.passed(house.legacy(agent, session, "1", "ls", "{}"));
        house.passed(house.legacy(agent, session, "2", "ls", "{}").without("MCP-Protocol-Version"));
    }

    @Test
    void in_the_first_era_mirrors_are_neither_trusted_nor_passed_on() {
        var agent = house.agent();
        String session = house.open("old", agent);
        house.passed(house.legacy(agent, session, "1", "ls", "{}")
                .with("Mcp-Method", "tools/list")
                .with("Mcp-Name", "rm")
                .with("Mcp-Param-Region", "us"));
        var seen = house.old.ofClients().getLast();
        assertEquals("ls", seen.params().text("name").orElseThrow(), "the body decides");
        assertEquals(
                List.of(),
                seen.headers().keySet().stream()
                        .filter(name -> name.toLowerCase(Locale.ROOT).matches("mcp-(method|name|param.*)"))
                        .toList());
    }

    @Test
    void a_parameter_that_no_schema_names_is_passed_on_and_decides_nothing() {
        var agent = house.agent();
        house.passed(request(agent).with("Mcp-Param-Tenant", "acme"));
        assertEquals("acme", house.fresh.ofClients().getLast().headers().get("Mcp-Param-Tenant"));
    }
}
