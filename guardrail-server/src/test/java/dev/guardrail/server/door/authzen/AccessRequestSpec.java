package dev.guardrail.server.door.authzen;

import static dev.guardrail.server.door.authzen.AuthzenGuard.PEP;
import static dev.guardrail.server.door.authzen.AuthzenGuard.RIVAL;
import static dev.guardrail.server.door.authzen.AuthzenGuard.context;
import static dev.guardrail.server.door.authzen.AuthzenGuard.decision;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A denial that people can lift: from the evaluation to the request, the people, and the evaluation that counts.
class AccessRequestSpec {
    private static final String URN = "urn:openid:authzen:access-request:error:";
    private static final String KEPT = "\"subject\":{\"type\":\"user\",\"id\":\"alice\"}";
    private static final AtomicInteger PAPERS = new AtomicInteger();

    private AuthzenGuard guard;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        guard = AuthzenGuard.in(directory);
    }

    @AfterEach
    void stop() throws Exception {
        guard.close();
    }

    /// A question that nobody asked before.
    private static String paper(String action) {
        return question(KEPT, action, "paper-" + PAPERS.incrementAndGet());
    }

    private static String question(String subject, String action, String id) {
        return "{" + subject + ",\"action\":{\"name\":\"" + action + "\"},\"resource\":{\"type\":\"doc\",\"id\":\"" + id
                + "\"}}";
    }

    private static String with(String question, String members) {
        return question.substring(0, question.length() - 1) + "," + members + "}";
    }

    private static JsonObject invitation(Served.Answer denied) {
        assertFalse(decision(denied), denied.text());
        return context(denied)
                .object("access_request")
                .orElseThrow(() -> new AssertionError("not requestable: " + denied.text()));
    }

    /// The body that answers a denial with a request.
    private static String submission(String question, Served.Answer denied) {
        var invitation = invitation(denied);
        return with(
                question,
                "\"denial\":"
                        + JsonObject.with(
                                        "evaluation_id",
                                        context(denied).text("evaluation_id").orElseThrow())
                                .with("expires_at", invitation.text("expires_at"))
                                .with("binding_token", invitation.text("binding_token"))
                                .build());
    }

    private Served.Answer requested(String question) {
        return guard.request(PEP, submission(question, guard.evaluate(question)));
    }

    private static JsonObject task(Served.Answer answer) {
        return answer.json().object("task").orElseThrow(() -> new AssertionError(answer.text()));
    }

    private static String id(Served.Answer answer) {
        return task(answer).text("id").orElseThrow();
    }

    private static String status(Served.Answer answer) {
        return task(answer).text("status").orElseThrow();
    }

    private static String approved(String question, String id) {
        return with(question, "\"context\":{\"approval\":{\"id\":\"" + id + "\"}}");
    }

    private static String reason(Served.Answer denied) {
        assertFalse(decision(denied), denied.text());
        return context(denied).text("reason").orElseThrow();
    }

    private static void assertNotTaken(String word, int status, Served.Answer answer) {
        assertEquals(status, answer.status(), answer.text());
        assertEquals("application/problem+json", answer.headers().get("content-type"));
        assertEquals(URN + word, answer.text("type"));
    }

    @Test
    void from_the_denial_to_the_one_permit() {
        String question = paper("publish");
        var denied = guard.evaluate(question);

        assertEquals("approval_required", reason(denied));
        assertEquals(
                guard.served.sidecar.url() + "/access/v1/requests",
                invitation(denied).text("endpoint").orElseThrow());
        assertTrue(Instant.parse(invitation(denied).text("expires_at").orElseThrow())
                .isAfter(guard.now()));
        assertEquals(0, pending(), "who evaluates asks nobody");

        var task = guard.request(PEP, submission(question, denied));
        assertEquals(202, task.status(), task.text());
        assertEquals("pending", status(task));
        assertEquals(
                task(task).text("status_endpoint").orElseThrow(), task.headers().get("location"));
        assertEquals(1, pending());
        assertEquals("pending", status(guard.task(PEP, id(task))));
        assertEquals("approval_pending", reason(guard.evaluate(approved(question, id(task)))));

        guard.approve(id(task));
        var done = guard.task(PEP, id(task));
        assertEquals("approved", status(done));
        var result = done.json().object("result").orElseThrow();
        assertEquals("reevaluate", result.text("mode").orElseThrow());
        var approval = result.object("approval").orElseThrow();
        assertEquals(id(task), approval.text("id").orElseThrow());
        assertTrue(Instant.parse(approval.text("approved_until").orElseThrow()).isAfter(guard.now()));

        String again = with(question, "\"context\":{\"approval\":" + approval + "}");
        var permitted = guard.evaluate(again);
        assertTrue(decision(permitted), permitted.text());
        assertEquals(
                id(task),
                context(permitted).object("approval").orElseThrow().text("id").orElseThrow());

        var spent = guard.evaluate(again);
        assertEquals("approval_expired", reason(spent));
        assertEquals("request", context(spent).text("next_action").orElseThrow());
        invitation(spent);
    }

    private int pending() {
        return guard.served
                .get(Served.ANN, "/v1/approvals?state=pending")
                .json()
                .array("items")
                .orElseThrow()
                .items()
                .size();
    }

    @Test
    void what_came_of_a_permitted_call_is_reported_by_its_id() {
        var permitted = guard.evaluate(paper("open"));
        String call = context(permitted).text("callId").orElseThrow();

        assertTrue(decision(permitted));
        var reported = guard.served.post(PEP, "/v1/calls/" + call + "/result", "{\"ok\":true}");
        assertEquals("succeeded", reported.text("state"), reported.text());
        assertEquals("host", reported.text("attested"));
        assertEquals(
                404,
                guard.served
                        .post(RIVAL, "/v1/calls/" + call + "/result", "{\"ok\":true}")
                        .status());
    }

    @Test
    void an_approval_permits_nothing_until_it_is_evaluated_again_and_named() {
        String question = paper("publish");
        String id = id(requested(question));
        guard.approve(id);

        assertEquals(
                "approved", guard.served.get(Served.ANN, "/v1/approvals/" + id).text("state"));
        assertEquals("approval_required", reason(guard.evaluate(question)));
        assertTrue(decision(guard.evaluate(approved(question, id))));
        assertEquals("used", guard.served.get(Served.ANN, "/v1/approvals/" + id).text("state"));
    }

    @Test
    void an_approval_is_for_one_exact_call_of_one_enforcement_point() {
        String question = paper("publish");
        String id = id(requested(question));
        guard.approve(id);

        assertEquals("out_of_scope", reason(guard.evaluate(approved(paper("publish"), id))));
        String bob = approved(question.replace("alice", "bob"), id);
        assertEquals("approval_unverifiable", reason(guard.evaluate(bob)));
        assertEquals("approval_unverifiable", reason(guard.evaluate(RIVAL, approved(question, id))));
        assertEquals("approval_unverifiable", reason(guard.evaluate(approved(question, "apr_none"))));
        assertEquals(
                "none",
                context(guard.evaluate(approved(question, "apr_none")))
                        .text("next_action")
                        .orElseThrow());
        assertTrue(decision(guard.evaluate(approved(question, id))));
    }

    @Test
    void an_approval_of_what_is_denied_permits_nothing() throws Exception {
        String question = paper("publish");
        String id = id(requested(question));
        guard.approve(id);
        guard.documents(
                AuthzenGuard.DOCUMENTS.replace(
                        "  - {id: open,",
                        "  - {id: not-now, match: {tools: [doc.publish]}, effect: deny}\n  - {id: open,"),
                () -> !context(guard.evaluate(paper("publish"))).has("access_request"));

        var denied = guard.evaluate(approved(question, id));

        assertEquals("policy_denied", reason(denied));
        assertEquals("none", context(denied).text("next_action").orElseThrow());
    }

    @Test
    void an_approval_falls_where_the_hold_that_it_answers_has_changed() throws Exception {
        String question = paper("publish");
        String id = id(requested(question));
        guard.approve(id);
        String version = version();
        guard.documents(
                AuthzenGuard.DOCUMENTS.replace("expiresAfter: 1h", "expiresAfter: 2h"),
                () -> !version().equals(version));

        var fallen = guard.evaluate(approved(question, id));

        assertEquals("approval_expired", reason(fallen));
        invitation(fallen);
        assertEquals("cancelled", status(guard.task(PEP, id)));
    }

    private String version() {
        String call = context(guard.evaluate(paper("open"))).text("callId").orElseThrow();
        return guard.served.get(PEP, "/v1/calls/" + call).text("policyVersion");
    }

    @Test
    void a_person_says_no() {
        String question = paper("publish");
        String id = id(requested(question));
        guard.served.post(Served.ANN, "/v1/approvals/" + id + "/deny", "{\"reason\":\"not in this form\"}");

        var task = guard.task(PEP, id);
        assertEquals("denied", status(task));
        assertTrue(task.text().contains("not in this form"), task.text());
        assertFalse(task.text().contains("ann"), "who it was stays out of it");
        assertFalse(task.json().has("result"));
        var denied = guard.evaluate(approved(question, id));
        assertEquals("denied_by_person", reason(denied));
        assertFalse(context(denied).has("access_request"));
    }

    @Test
    void nobody_answers() {
        String question = paper("publish");
        String id = id(requested(question));
        guard.pass(Duration.ofMinutes(61));

        assertEquals("expired", status(guard.task(PEP, id)));
        assertEquals("approval_expired", reason(guard.evaluate(approved(question, id))));
        assertEquals(202, requested(question).status(), "people can be asked anew");
    }

    @Test
    void an_approval_that_nobody_used_in_time_is_over() {
        String question = paper("publish");
        String id = id(requested(question));
        guard.approve(id);
        guard.pass(Duration.ofMinutes(11));

        assertEquals("expired", status(guard.task(PEP, id)));
        assertEquals("approval_expired", reason(guard.evaluate(approved(question, id))));
    }

    @Test
    void whoever_asked_takes_it_back_while_it_is_pending() {
        String question = paper("publish");
        String id = id(requested(question));
        String cancel = "/access/v1/requests/" + id + "/cancel";

        assertNotTaken("unknown_task", 404, guard.served.post(RIVAL, cancel, ""));
        assertEquals("pending", status(guard.task(PEP, id)));
        assertEquals("cancelled", status(guard.served.post(PEP, cancel, "")));
        assertEquals("cancelled", status(guard.task(PEP, id)));
        assertNotTaken("invalid_task_state", 409, guard.served.post(PEP, cancel, ""));
        assertEquals("approval_expired", reason(guard.evaluate(approved(question, id))));
        assertNotEquals(id, id(requested(question)));
    }

    @Test
    void what_people_said_already_is_not_taken_back() {
        String id = id(requested(paper("publish")));
        guard.approve(id);

        assertNotTaken("invalid_task_state", 409, guard.served.post(PEP, "/access/v1/requests/" + id + "/cancel", ""));
        assertEquals("approved", status(guard.task(PEP, id)));
    }

    @Test
    void of_others_requests_nobody_learns_whether_there_are_any() {
        String id = id(requested(paper("publish")));

        assertNotTaken("unknown_task", 404, guard.task(RIVAL, id));
        assertNotTaken("unknown_task", 404, guard.task(Served.CODER, id));
        assertEquals(
                guard.task(RIVAL, "apr_none").text().replace("apr_none", id),
                guard.task(RIVAL, id).text());
        assertEquals(200, guard.task(PEP, id).status());
    }

    @Test
    void a_request_sent_twice_is_one() {
        String question = paper("publish");
        String body = submission(question, guard.evaluate(question));
        var key = Map.of("Idempotency-Key", "k-1");
        var first = guard.served.send(PEP, "POST", "/access/v1/requests", body, key);
        var second = guard.served.send(PEP, "POST", "/access/v1/requests", body, key);
        String other = paper("publish");

        assertEquals(id(first), id(second));
        assertNotTaken(
                "duplicate_request",
                409,
                guard.served.send(PEP, "POST", "/access/v1/requests", submission(other, guard.evaluate(other)), key));
        assertEquals(id(first), id(guard.request(PEP, body)), "and without a key it joins");
        guard.served.post(Served.ANN, "/v1/approvals/" + id(first) + "/deny", "{}");
        assertEquals("denied", status(guard.served.send(PEP, "POST", "/access/v1/requests", body, key)));
    }

    @Test
    void asking_for_what_people_agreed_to_permits_nothing() {
        String question = paper("publish");
        String body = submission(question, guard.evaluate(question));
        String id = id(guard.request(PEP, body));
        guard.approve(id);

        var again = guard.request(PEP, body);

        assertEquals(201, again.status());
        assertEquals("approved", status(again));
        assertEquals(
                "approved", guard.served.get(Served.ANN, "/v1/approvals/" + id).text("state"));
        assertTrue(decision(guard.evaluate(approved(question, id))));
    }

    @Test
    void what_was_added_since_the_denial_is_said_to_people_and_is_no_part_of_the_call() {
        String question = with(paper("publish"), "\"context\":{\"office\":\"north\"}");
        String body = submission(question, guard.evaluate(question))
                .replace("\"office\":\"north\"", "\"office\":\"north\",\"business_justification\":\"for the fair\"");
        String id = id(guard.request(PEP, body));

        var shown = guard.served.get(Served.ANN, "/v1/approvals/" + id);
        assertTrue(shown.text().contains("for the fair"), shown.text());
        assertEquals(
                "{\"office\":\"north\"}",
                shown.json()
                        .object("arguments")
                        .orElseThrow()
                        .get("context")
                        .orElseThrow()
                        .toString());
        guard.approve(id);
        assertTrue(decision(
                guard.evaluate(question.replace("\"office\"", "\"approval\":{\"id\":\"" + id + "\"},\"office\""))));
    }

    @Test
    void a_denial_is_named_by_its_id_alone() {
        String question = paper("publish");
        String evaluation =
                context(guard.evaluate(question)).text("evaluation_id").orElseThrow();
        String denial = "\"denial\":{\"evaluation_id\":\"" + evaluation + "\"}";

        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, with(paper("publish"), denial)));
        assertNotTaken("invalid_denial_binding", 400, guard.request(RIVAL, with(question, denial)));
        assertEquals(202, guard.request(PEP, with(question, denial)).status());
        String late = paper("publish");
        String old = "\"denial\":{\"evaluation_id\":\""
                + context(guard.evaluate(late)).text("evaluation_id").orElseThrow() + "\"}";
        guard.pass(Duration.ofMinutes(11));
        assertNotTaken("expired_denial", 410, guard.request(PEP, with(late, old)));
    }

    @Test
    void a_request_that_is_tied_to_no_denial_is_not_taken() {
        String question = paper("publish");
        var denied = guard.evaluate(question);
        String body = submission(question, denied);
        String token = invitation(denied).text("binding_token").orElseThrow();
        String until = invitation(denied).text("expires_at").orElseThrow();

        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, question));
        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, with(question, "\"denial\":{}")));
        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, body.replace(token, "gra1.e30.e30")));
        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, body.replace(token, token + "=")));
        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, body.replace(token, flipped(token))));
        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, body.replace("paper-", "pamphlet-")));
        assertNotTaken("invalid_denial_binding", 400, guard.request(PEP, body.replace("alice", "bob")));
        assertNotTaken("invalid_denial_binding", 400, guard.request(RIVAL, body));
        assertNotTaken(
                "invalid_denial_binding",
                400,
                guard.request(PEP, body.replace("\"" + until + "\"", "\"2030-01-01T00:00:00Z\"")));
        assertEquals(0, pending());
        assertEquals(202, guard.request(PEP, body).status());
    }

    private static String flipped(String token) {
        int place = token.length() - 3;
        return token.substring(0, place) + (token.charAt(place) == 'A' ? 'B' : 'A') + token.substring(place + 1);
    }

    @Test
    void an_old_denial_is_not_answered() {
        String question = paper("publish");
        String body = submission(question, guard.evaluate(question));
        guard.pass(Duration.ofMinutes(11));

        assertNotTaken("expired_denial", 410, guard.request(PEP, body));
        assertEquals(202, requested(question).status());
    }

    @Test
    void what_needs_no_people_or_is_denied_outright_cannot_be_requested() throws Exception {
        String question = paper("publish");
        String body = submission(question, guard.evaluate(question));
        assertFalse(context(guard.evaluate(paper("burn"))).has("access_request"));
        assertEquals("policy", reason(guard.evaluate(paper("burn"))));
        assertEquals("clarify", reason(guard.evaluate(paper("file"))));
        assertEquals(
                "Which office is it for?",
                context(guard.evaluate(paper("file"))).text("ask").orElseThrow());

        guard.documents(
                AuthzenGuard.DOCUMENTS.replace(
                        "effect: require_approval, approval: {expiresAfter: 1h}", "effect: allow"),
                () -> decision(guard.evaluate(paper("publish"))));
        assertNotTaken("not_requestable", 400, guard.request(PEP, body));
        guard.documents(
                AuthzenGuard.DOCUMENTS.replace(
                        "effect: require_approval, approval: {expiresAfter: 1h}", "effect: deny"),
                () -> !decision(guard.evaluate(paper("publish"))));
        assertNotTaken("not_requestable", 400, guard.request(PEP, body));
        assertEquals(0, pending());
    }

    @Test
    void several_things_in_one_request_are_not_carried_out() {
        String question = paper("publish");
        var answer = guard.request(PEP, with(submission(question, guard.evaluate(question)), "\"items\":[]"));

        assertEquals(400, answer.status());
        assertEquals("malformed-call", answer.problem());
    }

    @Test
    void changed_arguments_are_an_obligation() {
        String print =
                paper("print").replace("\"name\":\"print\"", "\"name\":\"print\",\"properties\":{\"copies\":COPIES}");
        var few = guard.evaluate(print.replace("COPIES", "3"));
        var many = guard.evaluate(print.replace("COPIES", "300"));

        assertTrue(decision(few) && decision(many), few.text() + many.text());
        assertFalse(context(few).has("obligations"));
        var obligation =
                context(many).array("obligations").orElseThrow().objects().getFirst();
        assertEquals("custom", obligation.text("type").orElseThrow());
        assertEquals("replace_arguments", obligation.text("action").orElseThrow());
        assertEquals(
                "{\"copies\":10}",
                obligation
                        .object("arguments")
                        .orElseThrow()
                        .get("action")
                        .orElseThrow()
                        .toString());
    }

    @Test
    void what_an_approver_changed_is_an_obligation() {
        String question = paper("publish");
        String id = id(requested(question));
        var shown = guard.served.get(Served.ANN, "/v1/approvals/" + id);
        var edited = guard.served.post(
                Served.ANN,
                "/v1/approvals/" + id + "/edit",
                "{\"argumentsDigest\":\"" + shown.text("argumentsDigest")
                        + "\",\"arguments\":{\"id\":\"draft\"},\"reason\":\"the draft only\"}");
        assertEquals(200, edited.status(), edited.text());
        guard.approve(id);

        var permitted = guard.evaluate(approved(question, id));

        assertTrue(decision(permitted), permitted.text());
        assertEquals(
                "{\"id\":\"draft\"}",
                context(permitted)
                        .array("obligations")
                        .orElseThrow()
                        .objects()
                        .getFirst()
                        .get("arguments")
                        .orElseThrow()
                        .toString());
    }

    @Test
    void an_agent_asks_for_itself_and_for_nobody_else() {
        String itself = question("\"subject\":{\"type\":\"agent\",\"id\":\"coder\"}", "open", "d");
        String foreign = question(KEPT, "open", "d");
        String boasting = question(
                "\"subject\":{\"type\":\"agent\",\"id\":\"coder\",\"properties\":{\"role\":\"admin\"}}", "open", "d");

        assertTrue(decision(guard.evaluate(Served.CODER, itself)));
        assertEquals("foreign_subject", reason(guard.evaluate(Served.CODER, foreign)));
        assertEquals("foreign_subject", reason(guard.evaluate(Served.CODER, boasting)));
        assertTrue(decision(guard.evaluate(PEP, foreign)));
        var kept = guard.served.get(Served.SAM, "/v1/audit/entries?q=kind:wire_refused");
        assertTrue(kept.text().contains("foreign-subject") && kept.text().contains("authzen"), kept.text());
    }

    @Test
    void an_agent_asks_for_the_user_that_its_token_names() {
        String token =
                guard.served.post(PEP, "/v1/sessions", "{\"user\":\"alice\"}").text("token");

        assertTrue(decision(guard.evaluate(token, question(KEPT, "open", "d"))));
        assertEquals(
                "foreign_subject", reason(guard.evaluate(token, question(KEPT.replace("alice", "bob"), "open", "d"))));
        String question = paper("publish");
        var task = guard.request(token, submission(question, guard.evaluate(token, question)));
        assertEquals(202, task.status(), task.text());
        guard.approve(id(task));
        assertTrue(decision(guard.evaluate(token, approved(question, id(task)))));
    }

    @Test
    void a_host_speaks_for_users_of_its_own_agents_and_sessions() {
        var opened = guard.served.post(PEP, "/v1/sessions", "{\"user\":\"alice\"}");
        String question = question(KEPT, "open", "d");
        String session = "\"context\":{\"session\":\"" + opened.text("session") + "\"}";

        assertTrue(decision(guard.evaluate(with(question, session))));
        assertTrue(decision(guard.evaluate(with(question, "\"context\":{\"agent\":\"bot\"}"))));
        assertTrue(decision(guard.evaluate(question.replace("\"user\"", "\"identity\""))));
        assertEquals("unknown_session", reason(guard.evaluate(RIVAL, with(question, session))));
        assertEquals("unknown_session", reason(guard.evaluate(with(question.replace("alice", "bob"), session))));
        assertEquals("unknown_agent", reason(guard.evaluate(with(question, "\"context\":{\"agent\":\"coder\"}"))));
        assertEquals("unknown_subject", reason(guard.evaluate(question.replace("\"user\"", "\"robot\""))));
    }

    @Test
    void what_is_not_known_here_is_denied_and_no_error() {
        assertEquals("unknown_resource", reason(guard.evaluate(paper("open").replace("\"doc\"", "\"spaceship\""))));
        assertEquals("unknown_resource", reason(guard.evaluate(paper("open").replace("\"doc\"", "\"Doc?\""))));
        assertEquals("policy", reason(guard.evaluate(paper("fold"))));
        assertTrue(decision(guard.evaluate(paper("open"))));
    }

    @Test
    void a_tool_is_named_as_coaz_names_it() {
        String call = "{\"subject\":{\"type\":\"identity\",\"id\":\"alice\"},\"action\":{\"name\":\"tools/call\"},"
                + "\"resource\":{\"type\":\"tool\",\"id\":\"record.delete\"},"
                + "\"context\":{\"agent\":\"bot\",\"arguments\":{\"id\":\"r\",\"action\":{\"soft\":true}}}}";

        assertTrue(decision(guard.evaluate(call)));
        assertFalse(decision(guard.evaluate(call.replace("true", "false"))));
        assertEquals("unknown_action", reason(guard.evaluate(call.replace("tools/call", "tools/list"))));
        assertEquals("unknown_resource", reason(guard.evaluate(call.replace("record.delete", "delete"))));
        String properties = call.replace(
                        "\"agent\":\"bot\",\"arguments\":{\"id\":\"r\",\"action\":{\"soft\":true}}", "")
                .replace(
                        "\"id\":\"record.delete\"",
                        "\"id\":\"record.delete\",\"properties\":{\"arguments\":{\"id\":\"r\",\"action\":{\"soft\":true}}}");
        assertTrue(decision(guard.evaluate(properties)));
        var twice = guard.evaluate(properties.replace("\"context\":{", "\"context\":{\"arguments\":{}"));
        assertEquals(400, twice.status(), twice.text());
    }

    @Test
    void the_log_of_all_this_is_in_order() throws Exception {
        from_the_denial_to_the_one_permit();
        var entries = guard.served.get(Served.SAM, "/v1/audit/entries?q=tool:doc.publish&limit=100");

        assertTrue(entries.text().contains("\"cause\":\"requestable\""), entries.text());
        assertTrue(entries.text().contains("\"door\":\"authzen\""));
    }
}
