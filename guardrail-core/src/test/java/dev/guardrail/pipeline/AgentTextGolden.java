package dev.guardrail.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Cause;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The words of the contract, letter by letter.
class AgentTextGolden {
    private static final Sha256 DIGEST = Sha256.of(JsonObject.EMPTY);
    private static final Instant EXPIRY = Instant.parse("2026-11-20T13:16:50.123Z");

    /// A call in the making; each test names what it is about.
    private record Draft(
            Status status, String effect, String cause, List<String> rules, String message, List<String> instead) {
        CallRecord record(boolean fixed, boolean idempotent) {
            return new CallRecord(
                    new CallId("call_1"),
                    new SessionId("ses_1"),
                    "coder",
                    Optional.empty(),
                    ToolName.parse("db.delete"),
                    DIGEST,
                    DIGEST,
                    DIGEST,
                    Run.GUARD,
                    "mcp",
                    status,
                    effect,
                    rules,
                    cause,
                    message,
                    instead,
                    fixed,
                    Optional.empty(),
                    Optional.empty(),
                    DIGEST,
                    Optional.empty(),
                    Instant.EPOCH,
                    true,
                    idempotent,
                    "guard",
                    "",
                    0,
                    Optional.empty());
        }

        CallRecord record() {
            return record(false, false);
        }
    }

    private static Draft denied(String cause, List<String> rules, String message, String... instead) {
        return new Draft(Status.DENIED, "deny", cause, rules, message, List.of(instead));
    }

    private static String text(Reply reply) {
        return AgentText.of(reply).text();
    }

    private static String decision(Reply reply) {
        return AgentText.of(reply).decision().toString();
    }

    @Test
    void a_denial_that_offers_another_way() {
        var draft = denied("policy", List.of("deny-delete"), "", "DELETE with id IN (…), at most 100 ids.");
        for (boolean fixed : new boolean[] {false, true}) {
            var reply = new Reply.Refused(draft.record(fixed, false));
            assertEquals("""
                    Denied by policy (deny-delete). The call did not run. Do not repeat it unchanged.
                    Allowed instead: DELETE with id IN (…), at most 100 ids.""", text(reply));
            assertEquals(
                    "{\"effect\":\"deny\",\"cause\":\"policy\",\"executed\":false,\"final\":false,"
                            + "\"instead\":[\"DELETE with id IN (…), at most 100 ids.\"],\"callId\":\"call_1\"}",
                    decision(reply));
        }
    }

    @Test
    void a_final_denial() {
        var reply =
                new Reply.Refused(denied("policy", List.of("no-secret-out"), "").record(true, false));
        assertEquals(
                "Denied by policy (no-secret-out). The call did not run."
                        + " This is final: do not retry, also not in another form.",
                text(reply));
        assertEquals(
                "{\"effect\":\"deny\",\"cause\":\"policy\",\"executed\":false,\"final\":true,"
                        + "\"instead\":[],\"callId\":\"call_1\"}",
                decision(reply));
    }

    @Test
    void a_denial_by_no_rule_and_one_with_its_authors_words() {
        assertEquals(
                "Denied by policy. The call did not run. Do not repeat it unchanged.",
                text(new Reply.Refused(denied("policy", List.of(), "").record())));
        assertEquals(
                """
                Denied by policy (a, b). The call did not run. Do not repeat it unchanged.
                Git internals are never written.
                Allowed instead: git.commit; write under /workspace/out.""",
                text(new Reply.Refused(denied(
                                "policy",
                                List.of("b", "a"),
                                "Git internals are never written.",
                                "git.commit",
                                "write under /workspace/out.")
                        .record())));
    }

    @Test
    void a_person_is_quoted() {
        assertEquals(
                "Denied by a person: \"too much, 'really'\". The call did not run. Do not repeat it unchanged.",
                text(new Reply.Refused(denied("person", List.of("refund-over-500"), " too much, \"really\"\n")
                        .record())));
        assertEquals(
                "Denied by a person. The call did not run. Do not repeat it unchanged.",
                text(new Reply.Refused(denied("person", List.of(), "").record())));
    }

    @Test
    void a_held_call() {
        var record = new Draft(Status.HELD, "require_approval", "policy", List.of("refund-over-500"), "", List.of())
                .record();
        var reply = new Reply.Held(record, new Reply.Pending("apr_01KA8W7M", "pending", 2, 1, EXPIRY));
        assertEquals(
                "PENDING_APPROVAL apr_01KA8W7M expires 2026-11-20T13:16:50Z."
                        + " Not executed. Repeat the identical call after approval.",
                text(reply));
        assertEquals(
                "{\"effect\":\"require_approval\",\"executed\":false,\"final\":false,\"approval\":"
                        + "{\"id\":\"apr_01KA8W7M\",\"required\":2,\"given\":1,\"expiresAt\":\"2026-11-20T13:16:50Z\"},"
                        + "\"argumentsDigest\":\"" + DIGEST + "\",\"callId\":\"call_1\"}",
                decision(reply));
    }

    @Test
    void a_question() {
        var record = new Draft(
                        Status.NEEDS_CLARIFICATION,
                        "clarify",
                        "policy",
                        List.of("refund-needs-ticket"),
                        "Which ticket is this refund for?",
                        List.of())
                .record();
        assertEquals("""
                More is needed (refund-needs-ticket). The call did not run. Do not repeat it unchanged.
                Which ticket is this refund for?""", text(new Reply.Asked(record)));
        assertEquals(
                "clarify",
                AgentText.of(new Reply.Asked(record)).decision().text("effect").orElseThrow());
    }

    @Test
    void a_fault_says_whether_the_call_ran() {
        var certain = new Draft(Status.FAILED, "allow", "", List.of("a"), "", List.of());
        var fault = new Reply.Faulted(certain.record(), ProblemType.UPSTREAM_FAILED, "the connection was refused");
        assertEquals("""
                The call was permitted, but did not run.
                The connection was refused.""", text(fault));
        assertTrue(decision(fault).contains("\"executed\":false"));

        var doubt = new Draft(Status.IN_DOUBT, "allow", "", List.of("a"), "", List.of());
        var lost = new Reply.Faulted(doubt.record(), ProblemType.UPSTREAM_TIMEOUT, "no answer within 60 s");
        assertEquals("""
                The call may have run: nobody knows. Do not repeat it before an operator has settled it.
                No answer within 60 s.""", text(lost));
        assertFalse(AgentText.of(lost).decision().has("executed"), "nobody knows, so nothing is claimed");
        assertTrue(text(new Reply.Faulted(doubt.record(false, true), ProblemType.UPSTREAM_TIMEOUT, "gone"))
                .contains("It can be repeated"));
    }

    @Test
    void a_hold_that_nobody_decided_is_given_up() {
        var record = new Draft(Status.CANCELLED, "require_approval", "", List.of("a"), "", List.of()).record();
        assertEquals(
                "Given up: nobody waited for it any more. The call did not run."
                        + " Propose it again only if it is still needed.",
                text(new Reply.Refused(record)));
        assertTrue(text(new Reply.Refused(record.moved(Status.CANCELLED, "", "changed")))
                .startsWith("Given up: the policy has changed since it was approved. The call did not run."));
        assertTrue(decision(new Reply.Refused(record)).contains("\"executed\":false"));
    }

    @Test
    void every_cause_and_every_state_has_words_of_its_own() {
        var causes = Arrays.stream(Cause.values())
                .map(cause -> text(
                        new Reply.Refused(denied(cause.text(), List.of(), "").record())))
                .toList();
        assertEquals(Cause.values().length, causes.stream().distinct().count());
        assertTrue(causes.stream().allMatch(text -> text.contains("The call did not run.")), causes::toString);

        for (Status status : Status.values()) {
            var reply = new Reply.Present(new Draft(status, "allow", "", List.of(), "", List.of()).record());
            assertFalse(text(reply).isBlank());
            assertEquals("call_1", AgentText.of(reply).decision().text("callId").orElseThrow());
        }
    }
}
