package dev.guardrail.server.refusal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Names and pages that are not ours, routes that a credential does not open, and what is kept of either.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatesSpec {
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

    private RawHttp in(String method, House.Agent agent, String session) {
        var request = house.request(method, "/mcp/old", agent)
                .with("MCP-Protocol-Version", House.LEGACY)
                .with("Mcp-Session-Id", session);
        return method.equals("POST")
                ? request.with("Content-Type", "application/json").body(House.call("1", "ls", "{}"))
                : request;
    }

    private Map<String, UnaryOperator<RawHttp>> foreign() {
        var cases = new LinkedHashMap<String, UnaryOperator<RawHttp>>();
        String port = ":" + house.port();
        for (String host : List.of(
                "evil.example",
                "evil.example" + port,
                "0.0.0.0" + port,
                "127.0.0.1.evil.example" + port,
                "localhost.evil.example",
                "127.1" + port,
                "2130706433",
                "[::ffff:127.0.0.1]" + port,
                "localhost@evil.example",
                "guardrail.example.evil",
                "")) cases.put("host " + host, request -> request.with("Host", host));
        cases.put("host missing", request -> request.without("Host"));
        cases.put("host twice", request -> request.also("Host", "evil.example"));
        for (String origin : List.of(
                "https://evil.example",
                "null",
                "file://",
                "http://127.0.0.1.evil.example",
                "http://localhost.evil.example" + port,
                "https://guardrail.example.evil",
                "http://guardrail.example",
                "chrome-extension://abc",
                "")) cases.put("origin " + origin, request -> request.with("Origin", origin));
        cases.put(
                "origin twice",
                request -> request.with("Origin", "http://localhost:3000").also("Origin", "https://evil.example"));
        return cases;
    }

    @TestFactory
    Stream<DynamicTest> a_foreign_name_or_page_is_refused_on_every_method_and_kept() {
        var tests = new ArrayList<DynamicTest>();
        for (String method : List.of("POST", "GET", "DELETE"))
            foreign()
                    .forEach((name, spoil) -> tests.add(dynamicTest(method + ": " + name, () -> {
                        var agent = house.agent();
                        String session = house.open("old", agent);
                        String fault = name.startsWith("host") ? "foreign-host" : "foreign-origin";
                        house.refused(agent, spoil.apply(in(method, agent, session)), 403, 0, fault);
                        var kept = house.kept("agent:" + agent.name()).getLast();
                        assertEquals(
                                method + " /mcp/{server}", kept.text("route").orElseThrow());
                        assertEquals("old", kept.text("server").orElseThrow());
                        assertFalse(kept.toString().contains("evil"), kept::toString);
                        house.passed(in("POST", agent, session));
                    })));
        return tests.stream();
    }

    @Test
    void without_a_good_credential_nobody_is_named() throws IOException {
        long before = entries();
        for (String key : List.of("", "grd_" + "x".repeat(43))) {
            var request = house.post("old", new House.Agent("nobody", key)).body(House.call("1", "ls", "{}"));
            assertEquals(401, request.send().status());
            assertEquals(403, request.with("Host", "evil.example").send().status());
            assertEquals(
                    403,
                    request.with("Host", "localhost")
                            .with("Origin", "null")
                            .send()
                            .status());
        }
        assertEquals(before, entries());
    }

    private long entries() throws IOException {
        return house.served.sidecar.assembly().journal().store().size();
    }

    @TestFactory
    Stream<DynamicTest> our_own_names_and_pages_pass() {
        var cases = new LinkedHashMap<String, UnaryOperator<RawHttp>>();
        for (String host :
                List.of("localhost", "127.0.0.1", "LocalHost:1", "[::1]", "guardrail.example", "guardrail.example:443"))
            cases.put("host " + host, request -> request.with("Host", host));
        for (String origin : List.of("http://localhost:3000", "http://127.0.0.1", "https://guardrail.example"))
            cases.put("origin " + origin, request -> request.with("Origin", origin));
        return cases.entrySet().stream()
                .map(each -> dynamicTest(each.getKey(), () -> {
                    var agent = house.agent();
                    String session = house.open("old", agent);
                    house.passed(each.getValue().apply(in("POST", agent, session)));
                    assertEquals(List.of(), house.faults(agent));
                }));
    }

    @Test
    void a_credential_opens_its_own_routes_alone() {
        var agent = house.agent();
        for (String route : List.of("/v1/approvals", "/v1/audit/export?format=jsonl", "/metrics"))
            house.refused(agent, house.request("GET", route, agent), 403, 0, "wrong-route");
        var host = new House.Agent("app", Served.APP);
        assertEquals(
                403,
                house.post("old", host).body(House.call("1", "ls", "{}")).send().status());
        var kept = house.kept("host:app").getLast();
        assertEquals("wrong-route", kept.text("fault").orElseThrow());
        assertEquals("old", kept.text("server").orElseThrow());
        assertFalse(kept.has("agent"));
        var auditor = new House.Agent("sam", Served.SAM);
        assertEquals(403, house.request("DELETE", "/mcp/old", auditor).send().status());
        assertEquals(
                "wrong-route",
                house.kept("operator:sam").getLast().text("fault").orElseThrow());
    }

    @Test
    void what_the_http_interface_refuses_is_kept_too() {
        var agent = house.agent();
        var calls = house.request("POST", "/v1/calls", agent).with("Content-Type", "application/json");
        refusedHere(agent, calls.body("{\"tool\":\"old.ls\",\"tool\":\"old.rm\"}"), 400, "malformed");
        refusedHere(agent, calls.body("[]"), 400, "malformed");
        refusedHere(agent, calls.with("Content-Type", "text/plain").body("{}"), 415, "content-type");
        refusedHere(agent, house.request("GET", "/v1/calls/call_of_somebody", agent), 404, "not-found");
        var sound = calls.with("Content-Type", "application/json").body("{\"tool\":\"old.ls\",\"arguments\":{}}");
        assertEquals(200, sound.send().status());
        assertEquals(4, house.faults(agent).size());
    }

    private void refusedHere(House.Agent agent, RawHttp request, int status, String fault) {
        int before = house.faults(agent).size();
        var answer = request.send();
        assertEquals(status, answer.status(), answer::toString);
        var kept = house.kept("agent:" + agent.name());
        assertEquals(before + 1, kept.size(), kept::toString);
        assertEquals(fault, kept.getLast().text("fault").orElseThrow());
        assertEquals("http", kept.getLast().text("door").orElseThrow());
        assertEquals(!request.body().isEmpty(), kept.getLast().has("message"), kept::toString);
    }

    @Test
    void auditors_find_what_was_refused() {
        var agent = house.agent();
        house.refused(
                agent, house.modern(agent, "1", "ls", "{}").with("Mcp-Name", "rm"), 400, -32020, "header-mismatch");
        var found = house.served.get(Served.SAM, "/v1/audit/entries?q=kind:wire_refused%20agent:" + agent.name());
        assertEquals(200, found.status(), found::text);
        assertTrue(found.text().contains("header-mismatch"), found::text);
        assertTrue(house.served
                .get(Served.SAM, "/v1/audit/export?format=jsonl")
                .text()
                .contains("\"wire_refused\""));
    }

    @Test
    void who_sends_without_end_fills_a_bounded_part_of_the_journal() throws IOException {
        var agent = house.agent();
        long before = entries();
        for (int i = 0; i < 300; i++)
            assertEquals(400, house.post("old", agent).body("{").send().status());
        assertTrue(entries() - before <= 25, () -> "bounded, whichever minute it is");
        assertTrue(house.faults(agent).size() >= 10);
    }
}
