package dev.guardrail.server.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is counted, by the names of the contract, and what never becomes a label.
class MetersSpec {
    private static Served served;
    private static String metrics;
    private static String session;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(directory);
        var opened = served.post(Served.APP, "/v1/sessions", "{\"user\":\"eve-the-user\"}");
        session = opened.text("session");
        served.propose(opened.text("token"), "crm.get", "{\"card\":\"4111-card\"}");
        served.propose(Served.CODER, "crm.drop", "{}");
        for (int i = 0; i < 2; i++) served.propose(Served.CODER, "crm.pay", "{\"n\":" + i + "}");
        var held = served.propose(Served.CODER, "crm.pay", "{\"n\":2}");
        String approval =
                held.json().object("approval").orElseThrow().text("id").orElseThrow();
        served.post(Served.ANN, "/v1/approvals/" + approval + "/deny", "{}");
        served.get(Served.CODER, "/v1/calls/" + held.text("callId") + "?wait=20s");
        do metrics = served.get(Served.SAM, "/metrics").text();
        while (!metrics.contains("guardrail_approvals_total"));
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static String line(String start) {
        return metrics.lines()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + start + " in\n" + metrics));
    }

    @Test
    void decisions_are_counted_by_effect_rule_and_tool() {
        assertEquals(
                "guardrail_decisions_total{effect=\"deny\",enforcement=\"enforce\",rule=\"deny-drop\",tool=\"crm.drop\"} 1.0",
                line("guardrail_decisions_total{effect=\"deny\""));
        assertEquals(
                "guardrail_decision_duration_seconds_count{door=\"http\"} 5",
                line("guardrail_decision_duration_seconds_count"));
        assertTrue(line("guardrail_journal_append_duration_seconds_count").length() > 0);
        assertTrue(line("guardrail_policy_info{version=\"sha256:").matches(".*} 1(\\.0)?"));
    }

    @Test
    void approvals_are_counted_while_they_wait_and_as_they_end() {
        assertEquals(
                "guardrail_approvals_total{channel=\"http\",outcome=\"denied\"} 1.0",
                line("guardrail_approvals_total"));
        assertTrue(line("guardrail_approval_wait_seconds_count").endsWith(" 1"));
        double waiting = metrics.lines()
                .filter(line -> line.startsWith("guardrail_approvals_pending{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
        assertTrue(waiting == 2 || waiting == 3, "counted at most once a second: " + waiting);
    }

    @Test
    void waiting_has_buckets_for_every_way_to_end() {
        assertEquals(
                "guardrail_approval_wait_seconds_bucket{outcome=\"denied\",le=\"+Inf\"} 1",
                line("guardrail_approval_wait_seconds_bucket{outcome=\"denied\",le=\"+Inf\"}"));
        assertEquals(
                4,
                metrics.lines()
                        .filter(line -> line.startsWith("guardrail_approvals_quick_total{"))
                        .count());
    }

    @Test
    void sessions_users_and_arguments_never_become_labels() {
        for (String never : List.of(session, "eve-the-user", "4111-card", "ses_", "call_", "apr_", "grd_"))
            assertFalse(metrics.contains(never), never);
    }
}
