package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `/v1/calls` answers, over a real socket and a real journal.
class CallsDoorSpec {
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    @Test
    void an_allowed_call_is_permitted_with_its_arguments_and_a_lease() {
        var answer = served.propose(Served.CODER, "crm.get", "{\"id\":1}");

        assertEquals(200, answer.status());
        assertEquals(
                List.of(
                        "callId",
                        "session",
                        "tool",
                        "effect",
                        "state",
                        "executed",
                        "final",
                        "rules",
                        "argumentsDigest",
                        "policyVersion",
                        "auditEntry",
                        "arguments",
                        "leaseExpiresAt",
                        "message"),
                List.copyOf(answer.json().members().keySet()));
        assertEquals("allow", answer.text("effect"));
        assertEquals("permitted", answer.text("state"));
        assertEquals("{\"id\":1}", answer.get("arguments").toString());
        assertEquals(
                "[{\"id\":\"allow-reads\",\"effect\":\"allow\"}]",
                answer.get("rules").toString());
        assertTrue(answer.text("callId").startsWith("call_"));
    }

    @Test
    void a_denied_call_is_an_answer_and_not_an_error() {
        var answer = served.propose(Served.CODER, "crm.drop", "{}");

        assertEquals(200, answer.status());
        assertEquals("deny", answer.text("effect"));
        assertEquals("denied", answer.text("state"));
        assertEquals("policy", answer.text("cause"));
        assertEquals("false", answer.get("executed").toString());
        assertTrue(answer.text("message").contains("Nothing is dropped."), answer.text());
    }

    @Test
    void a_question_is_asked_back() {
        var answer = served.propose(Served.CODER, "crm.mail", "{}");

        assertEquals(200, answer.status());
        assertEquals("clarify", answer.text("effect"));
        assertEquals("needs_clarification", answer.text("state"));
        assertTrue(answer.text("message").contains("Which ticket is it for?"), answer.text());
    }

    @Test
    void a_held_call_answers_202_at_once() {
        var answer = served.propose(Served.CODER, "crm.pay", "{\"amount\":5}");

        assertEquals(202, answer.status());
        assertEquals("held", answer.text("state"));
        assertEquals("require_approval", answer.text("effect"));
        var approval = answer.json().object("approval").orElseThrow();
        assertTrue(approval.text("id").orElseThrow().startsWith("apr_"));
        assertEquals(1, approval.integer("required").orElseThrow());
        assertEquals(0, approval.integer("given").orElseThrow());
    }

    @Test
    void an_unknown_tool_is_denied() {
        assertEquals("deny", served.propose(Served.CODER, "crm.unheard", "{}").text("effect"));
    }

    @Test
    void an_idempotency_key_gives_the_same_call_again_and_takes_no_other_body() {
        String body = "{\"tool\":\"crm.get\",\"arguments\":{\"once\":true}}";
        var header = Map.of("Idempotency-Key", "k-1");
        var first = served.send(Served.CODER, "POST", "/v1/calls", body, header);
        var again = served.send(Served.CODER, "POST", "/v1/calls", body, header);
        var other = served.send(Served.CODER, "POST", "/v1/calls", body.replace("true", "false"), header);
        var another = served.send(Served.OTHER, "POST", "/v1/calls", body, header);

        assertEquals(first.text("callId"), again.text("callId"));
        assertEquals(409, other.status());
        assertEquals("conflict", other.problem());
        assertFalse(another.text("callId").equals(first.text("callId")), "a key is its credential's own");
    }

    @Test
    void a_result_that_the_caller_reports_is_attested_by_the_agent() {
        String call = served.propose(Served.CODER, "crm.get", "{\"id\":2}").text("callId");
        var answer = served.post(Served.CODER, "/v1/calls/" + call + "/result", "{\"ok\":true,\"result\":{\"n\":1}}");

        assertEquals(200, answer.status());
        assertEquals("succeeded", answer.text("state"));
        assertEquals("agent", answer.text("attested"));
        assertEquals("succeeded", served.get(Served.CODER, "/v1/calls/" + call).text("state"));
    }

    @Test
    void a_call_is_nothing_to_another_session() {
        String call = served.propose(Served.CODER, "crm.get", "{\"id\":3}").text("callId");

        assertEquals(404, served.get(Served.OTHER, "/v1/calls/" + call).status());
        assertEquals(
                404,
                served.post(Served.OTHER, "/v1/calls/" + call + "/execute", "").status());
        assertEquals(200, served.get(Served.CODER, "/v1/calls/" + call).status());
        assertEquals(404, served.get(Served.CODER, "/v1/calls/call_none").status());
    }

    @Test
    void where_a_rule_stands_is_shown_to_auditors_alone() {
        String call = served.propose(Served.CODER, "crm.get", "{\"id\":4}").text("callId");

        assertFalse(served.get(Served.CODER, "/v1/calls/" + call).text().contains("rules.yaml"));
        assertTrue(served.get(Served.SAM, "/v1/calls/" + call).text().contains("rules.yaml:"));
    }

    @Test
    void malformed_proposals_are_refused_by_name() {
        for (var bad : Map.of(
                        "{\"tol\":\"crm.get\"}", "unknown member `tol`",
                        "{\"tool\":\"crm.get\",\"tool\":\"crm.drop\"}", "",
                        "{\"tool\":\"nodot\"}", "`tool` is a server's name",
                        "{\"arguments\":{}}", "needs `tool`",
                        "{\"tool\":\"crm.get\",\"arguments\":[]}", "`arguments` is an object",
                        "{\"tool\":\"crm.get\",\"run\":\"now\"}", "`run` is",
                        "[]", "one JSON object",
                        "{\"tool\":\"crm.get\",\"arguments\":{\"n\":1e400}}", "")
                .entrySet()) {
            var answer = served.post(Served.CODER, "/v1/calls", bad.getKey());
            assertEquals(400, answer.status(), bad.getKey());
            assertEquals("malformed-call", answer.problem(), bad.getKey());
            assertEquals("application/problem+json", answer.headers().get("content-type"));
            assertTrue(answer.text("detail").contains(bad.getValue()), answer.text());
        }
    }
}
