package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How people review, over HTTP.
class ReviewDoorSpec {
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(directory);
        vote(held(Served.CODER, 1), "approve");
        vote(held(Served.CODER, 2), "deny");
        held(Served.OTHER, 3);
        // Another session of the same agent asks for what was denied.
        served.post(Served.ROOT, "/v1/sessions/" + session() + "/end", "{}");
        held(Served.CODER, 2);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private record Held(String approval, String digest) {}

    private static Held held(String key, int amount) {
        var answer = served.propose(key, "crm.pay", "{\"amount\":" + amount + "}");
        assertEquals(202, answer.status(), answer.text());
        return new Held(
                answer.json().object("approval").orElseThrow().text("id").orElseThrow(),
                answer.text("argumentsDigest"));
    }

    private static void vote(Held held, String vote) {
        var answer = served.post(
                Served.ANN,
                "/v1/approvals/" + held.approval() + "/" + vote,
                "{\"argumentsDigest\":\"" + held.digest() + "\"}");
        assertEquals(200, answer.status(), answer.text());
    }

    private static String session() {
        return served.get(Served.ROOT, "/v1/sessions").json().array("items").orElseThrow().objects().stream()
                .filter(each -> each.text("agent").orElseThrow().equals("coder"))
                .findFirst()
                .flatMap(each -> each.text("id").or(() -> each.text("session")))
                .orElseThrow();
    }

    private static JsonObject report(String key, String query) {
        var answer = served.get(key, "/v1/approvals/quality" + query);
        assertEquals(200, answer.status(), answer.text());
        return answer.json();
    }

    private static List<String> names(JsonObject report) {
        return report.array("items").orElseThrow().objects().stream()
                .map(item -> item.text("name").orElseThrow())
                .toList();
    }

    @Test
    void the_figures_of_a_week_by_rule() {
        var report = report(Served.SAM, "");
        var total = report.object("total").orElseThrow();

        assertEquals(List.of("hold-pay"), names(report));
        assertTrue(report.isTrue("complete"));
        assertEquals("rule", report.text("by").orElseThrow());
        assertEquals(5, report.integer("quickSeconds").orElseThrow());
        for (String figure : List.of(
                "opened 4",
                "pending 2",
                "decided 2",
                "approved 1",
                "denied 1",
                "expired 0",
                "cancelled 0",
                "repeats 1",
                "askedAgainAfterDenial 1",
                "quickApprovals 1")) {
            String[] parts = figure.split(" ");
            assertEquals(Long.parseLong(parts[1]), total.integer(parts[0]).orElseThrow(), figure);
        }
        assertEquals("0.5", total.get("rejectRate").orElseThrow().toString());
        assertEquals("0.25", total.get("repeatShare").orElseThrow().toString());
        assertTrue(total.has("p50Seconds") && total.has("p95Seconds"), total.toString());
    }

    @Test
    void groups_are_rules_tools_agents_channels_and_who_was_asked() {
        assertEquals(List.of("crm.pay"), names(report(Served.SAM, "?by=tool")));
        assertEquals(List.of("coder", "other"), names(report(Served.SAM, "?by=agent&since=1h")));
        assertEquals(List.of("all channels"), names(report(Served.SAM, "?by=channel")));
        assertEquals(List.of("role:approver"), names(report(Served.SAM, "?by=group")));
        assertEquals(List.of("role:approver"), names(report(Served.ROOT, "?by=group")));
    }

    @Test
    void approvers_do_not_see_the_figures_of_a_single_colleague() {
        var shown = report(Served.ANN, "?by=group");
        assertEquals(List.of("smaller groups"), names(shown));
        for (String by : List.of("rule", "tool", "group", "agent", "channel"))
            for (String key : List.of(Served.ANN, Served.SAM, Served.ROOT))
                assertFalse(report(key, "?by=" + by).toString().contains("\"ann\""), by);
    }

    @Test
    void approvers_see_what_is_closed_alone() {
        var total = report(Served.ANN, "").object("total").orElseThrow();

        assertEquals(2, total.integer("opened").orElseThrow());
        assertEquals(0, total.integer("pending").orElseThrow());
        assertEquals(1, total.integer("denied").orElseThrow());
    }

    @Test
    void what_cannot_be_asked_is_refused() {
        for (String query : List.of("?by=person", "?since=7", "?since=401d", "?since=0d", "?by=rule&by=tool"))
            assertEquals(
                    400, served.get(Served.SAM, "/v1/approvals/quality" + query).status(), query);
        assertEquals(403, served.get(Served.CODER, "/v1/approvals/quality").status());
        assertEquals(
                200, served.get(Served.SAM, "/v1/approvals/quality?since=400d").status());
    }
}
