package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests that test approvers, over HTTP: alike for approvers, plain for auditors, nothing for agents.
class CanariesDoorSpec {
    private static final String CANARIES = """
            approvals:
              canaries:
                every: 24h
                approvers: [role:approver]
                expiresAfter: 1h
                catalogue:
                  - tool: crm.pay
                    agent: coder
                    rule: hold-pay
                    reason: the payee has a new account
                    arguments: {amount: 9900, iban: DE00 0000}
            """;

    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        Served.write(directory.resolve("guardrail.yaml"), Served.CONFIGURATION + CANARIES);
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Served.write(directory.resolve("policies/rules.yaml"), Served.RULES);
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static JsonObject planted() {
        var answer = served.post(Served.ROOT, "/v1/approvals/canaries", "{}");
        assertEquals(201, answer.status(), answer.text());
        return answer.json();
    }

    private static String id(JsonObject planted) {
        return planted.text("id").orElseThrow();
    }

    private static JsonObject detail(String id) {
        return served.get(Served.ANN, "/v1/approvals/" + id).json();
    }

    private static Served.Answer vote(String id, String vote) {
        return served.post(
                Served.ANN,
                "/v1/approvals/" + id + "/" + vote,
                "{\"argumentsDigest\":\"" + detail(id).text("argumentsDigest").orElseThrow() + "\"}");
    }

    private static JsonObject total() {
        return served.get(Served.SAM, "/v1/approvals/canaries")
                .json()
                .object("total")
                .orElseThrow();
    }

    private static long count(String figure) {
        return total().integer(figure).orElseThrow();
    }

    @Test
    void it_is_shown_as_a_held_call_is_to_the_last_member() {
        var answer = served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"crm.pay\",\"arguments\":{\"amount\":9900,\"iban\":\"DE00 0000\"},"
                        + "\"reason\":\"the payee has a new account\"}");
        String real = answer.json().object("approval").orElseThrow().text("id").orElseThrow();
        String made = id(planted());

        var items = served.get(Served.ANN, "/v1/approvals?state=pending&limit=1000")
                .json()
                .array("items")
                .orElseThrow()
                .objects();
        assertEquals(members(item(items, real)), members(item(items, made)));
        assertEquals(members(detail(real)), members(detail(made)));
        for (String same : List.of(
                "tool",
                "agent",
                "argumentsDigest",
                "risk",
                "rules",
                "state",
                "required",
                "given",
                "claim",
                "arguments",
                "warnings",
                "holds",
                "canDecide",
                "definition",
                "agentSays",
                "mustOpen")) assertEquals(detail(real).get(same), detail(made).get(same), same);
        assertFalse(detail(made).toString().contains("canary"));
        served.post(Served.ANN, "/v1/approvals/" + real + "/deny", "{}");
        served.post(Served.ANN, "/v1/approvals/" + made + "/deny", "{}");
    }

    private static JsonObject item(List<JsonObject> items, String id) {
        return items.stream()
                .filter(each -> each.text("id").orElseThrow().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> members(JsonObject json) {
        return List.copyOf(json.members().keySet());
    }

    @Test
    void approving_it_is_told_as_a_canary_and_runs_nothing() {
        var planted = planted();
        long missed = count("missed");

        var answer = vote(id(planted), "approve");

        assertEquals(200, answer.status(), answer.text());
        assertEquals("approved", answer.text("state"));
        assertTrue(answer.json().isTrue("canary"), answer.text());
        assertTrue(detail(id(planted)).isTrue("canary"));
        assertEquals(missed + 1, count("missed"));
        assertEquals("ticket-closed", vote(id(planted), "approve").problem());
        assertFalse(answer.text().contains("\"voter\""), "nobody is named");
        String call = planted.text("callId").orElseThrow();
        for (String key : List.of(Served.CODER, Served.OTHER, Served.APP))
            assertEquals(
                    404,
                    served.post(key, "/v1/calls/" + call + "/execute", "{}").status());
        assertEquals(404, served.get(Served.CODER, "/v1/calls/" + call).status());
        assertEquals(
                404,
                served.post(Served.CODER, "/v1/calls/" + call + "/result", "{\"ok\":true}")
                        .status());
        assertEquals(
                404,
                served.post(Served.CODER, "/v1/calls/" + call + "/answer", "{\"text\":\"yes\"}")
                        .status());
        assertEquals(
                404,
                served.get(Served.CODER, "/access/v1/requests/" + id(planted)).status());
    }

    @Test
    void evaluations_do_not_take_it_for_an_approval() {
        String id = id(planted());
        vote(id, "approve");
        String question = "{\"subject\":{\"type\":\"agent\",\"id\":\"coder\"},\"action\":{\"name\":\"call\"},"
                + "\"resource\":{\"type\":\"tool\",\"id\":\"crm.pay\"},\"context\":{\"arguments\":{\"amount\":9900,"
                + "\"iban\":\"DE00 0000\"},\"approval\":{\"id\":\"" + id + "\"}}}";

        var answer = served.post(Served.CODER, "/access/v1/evaluation", question);

        assertFalse(answer.json().isTrue("decision"), answer.text());
    }

    @Test
    void denying_it_catches_it_also_among_several_votes() {
        String id = id(planted());
        long caught = count("caught");
        String digest = detail(id).text("argumentsDigest").orElseThrow();

        var answer = served.post(
                Served.ANN,
                "/v1/approvals/votes",
                "{\"vote\":\"deny\",\"items\":[{\"id\":\"" + id + "\",\"argumentsDigest\":\"" + digest + "\"}]}");

        var item = answer.json().array("items").orElseThrow().objects().getFirst();
        assertEquals("closed", item.text("result").orElseThrow());
        assertEquals("denied", item.text("state").orElseThrow());
        assertEquals(caught + 1, count("caught"));
        assertTrue(total().has("missRate") || count("n") == 0);
    }

    @Test
    void editing_it_or_asking_about_it_ends_it() {
        String edited = id(planted());
        String digest = detail(edited).text("argumentsDigest").orElseThrow();
        assertEquals(
                409,
                served.post(
                                Served.ANN,
                                "/v1/approvals/" + edited + "/edit",
                                "{\"argumentsDigest\":\"sha256:" + "0".repeat(64) + "\",\"arguments\":{}}")
                        .status());
        var answer = served.post(
                Served.ANN,
                "/v1/approvals/" + edited + "/edit",
                "{\"argumentsDigest\":\"" + digest + "\",\"arguments\":{\"amount\":1}}");
        assertEquals(200, answer.status(), answer.text());
        assertTrue(answer.json().isTrue("canary"));

        String asked = id(planted());
        assertTrue(served.post(Served.ANN, "/v1/approvals/" + asked + "/ask", "{\"text\":\"why?\"}")
                .json()
                .isTrue("canary"));
    }

    @Test
    void auditors_see_it_in_the_journal_and_approvers_and_agents_do_not() {
        String id = id(planted());

        String found = served.get(Served.SAM, "/v1/audit/entries?q=kind:canary_opened&limit=1")
                .text();
        assertTrue(found.contains(id), found);
        for (String key : List.of(Served.ANN, Served.CODER, Served.APP)) {
            assertEquals(
                    403,
                    served.get(key, "/v1/audit/entries?q=kind:canary_opened").status());
            assertEquals(403, served.get(key, "/v1/approvals/canaries").status());
            assertEquals(403, served.post(key, "/v1/approvals/canaries", "{}").status());
        }
        assertEquals(
                403, served.post(Served.SAM, "/v1/approvals/canaries", "{}").status());
        assertEquals(403, served.get(Served.CODER, "/v1/approvals/" + id).status());
        assertEquals(
                "conflict",
                served.post(Served.ROOT, "/v1/approvals/canaries", "{}").problem());
        served.post(Served.ANN, "/v1/approvals/" + id + "/deny", "{}");
    }

    @Test
    void it_counts_in_its_own_figures_alone() {
        String before = figures();
        String id = id(planted());
        assertEquals(before, figures());
        vote(id, "approve");
        assertEquals(before, figures());

        String line = "guardrail_canaries_total{outcome=\"missed\"}";
        String metrics = "";
        for (int attempt = 0;
                attempt < 2_000 && !metrics.matches("(?s).*" + java.util.regex.Pattern.quote(line) + " [1-9].*");
                attempt++) metrics = served.get(Served.SAM, "/metrics").text();
        assertTrue(metrics.matches("(?s).*" + java.util.regex.Pattern.quote(line) + " [1-9].*"), metrics);
        assertFalse(metrics.contains("guardrail_approvals_total{channel=\"http\",outcome=\"approved\"}"), metrics);
    }

    /// Tests of this class run one after the other on one guard.
    private static String figures() {
        return served.get(Served.SAM, "/v1/approvals/quality")
                .json()
                .object("total")
                .orElseThrow()
                .toString();
    }

    @Test
    void without_configuration_there_are_none(@TempDir Path other) throws Exception {
        try (var guard = Served.in(other)) {
            var answer = guard.post(Served.ROOT, "/v1/approvals/canaries", "{}");
            assertEquals(409, answer.status());
            assertEquals(
                    0,
                    guard.get(Served.SAM, "/v1/approvals/canaries")
                            .json()
                            .object("total")
                            .orElseThrow()
                            .integer("planted")
                            .orElseThrow());
        }
    }
}
