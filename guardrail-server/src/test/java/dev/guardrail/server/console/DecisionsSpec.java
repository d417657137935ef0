package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the forms of a request's page do and do not do, as a browser without script sends them.
class DecisionsSpec {
    private static final AtomicInteger TEXT = new AtomicInteger();
    private static Shop shop;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        shop = new Shop(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        shop.close();
    }

    private static Visitor visitor(String key) {
        return new Visitor(shop.served).signIn(key);
    }

    private static String path(String id) {
        return "/console/approvals/" + id;
    }

    /// The form that approves and denies, with more fields.
    private static Map<String, String> vote(Visitor visitor, String id, Map<String, String> more) {
        return vote(visitor, path(id), id, more);
    }

    private static Map<String, String> vote(Visitor visitor, String page, String id, Map<String, String> more) {
        var form = visitor.form(page, path(id) + "/approve");
        form.putAll(more);
        return form;
    }

    private static String note() {
        return shop.note("note " + TEXT.incrementAndGet());
    }

    private static Served.Answer follow(Visitor visitor, Served.Answer answer) {
        assertEquals(303, answer.status(), answer.text());
        return visitor.get(answer.headers().get("location"));
    }

    @Test
    void an_approval_needs_the_value_that_the_rule_asks_for() {
        var ann = visitor(Shop.ANN);
        String id = shop.refund(500);

        for (String typed : new String[] {"", "50", "500 ", "5000"}) {
            var wrong = ann.post(path(id) + "/approve", vote(ann, id, Map.of("confirm", typed, "reason", "ticket 7")));
            assertEquals(422, wrong.status(), typed);
            assertTrue(wrong.text().contains("not the value that the rule asks for"), wrong.text());
            assertTrue(wrong.text().contains("value=\"ticket 7\""), "what was typed is kept");
        }
        assertEquals("pending", shop.state(id));

        var shown = follow(ann, ann.post(path(id) + "/approve", vote(ann, id, Map.of("confirm", "500"))));
        assertTrue(shown.text().contains("Approved. Exactly this call may run, once"), shown.text());
        assertTrue(shop.agreed(id));
        assertFalse(ann.get(path(id)).text().contains("may run, once"), "it is confirmed once");
    }

    @Test
    void a_denial_needs_a_reason_and_the_agent_is_told() {
        var ann = visitor(Shop.ANN);
        String id = note();

        assertEquals(
                422,
                ann.post(path(id) + "/deny", vote(ann, id, Map.of("reason", " ")))
                        .status());
        assertEquals("pending", shop.state(id));
        var shown = follow(ann, ann.post(path(id) + "/deny", vote(ann, id, Map.of("reason", "Not on a Sunday"))));
        assertTrue(shown.text().contains("Denied by a person"), shown.text());
        assertTrue(shown.text().contains("Not on a Sunday"));
        String call = shop.approval(id).text("callId").orElseThrow();
        assertTrue(shop.served
                .get(Served.CODER, "/v1/calls/" + call)
                .text("message")
                .contains("Not on a Sunday"));
    }

    @Test
    void a_form_decides_once_and_only_the_request_that_it_was_made_for() {
        var ann = visitor(Shop.ANN);
        var bob = visitor(Shop.BOB);
        String id = shop.hold(
                "crm.wipe",
                JsonObject.with("table", "t" + TEXT.incrementAndGet()).build(),
                "");
        String other = note();
        var form = vote(ann, id, Map.of());

        assertEquals(409, ann.post(path(other) + "/approve", form).status(), "another request");
        assertEquals(409, ann.post(path(id) + "/approve", form).status(), "a token that was tried is used up");
        var theirs = vote(ann, id, bob.form());
        assertEquals(409, bob.post(path(id) + "/approve", theirs).status(), "another visitor");
        var without = vote(ann, id, Map.of());
        without.remove("token");
        assertEquals(409, ann.post(path(id) + "/approve", without).status(), "none");
        var otherDigest = vote(ann, id, Map.of("digest", "sha256:" + "0".repeat(64)));
        assertEquals(409, ann.post(path(id) + "/approve", otherDigest).status(), "another digest");
        assertEquals("0", shop.approval(id).get("given").orElseThrow().toString());

        var good = vote(ann, id, Map.of());
        assertTrue(follow(ann, ann.post(path(id) + "/approve", good)).text().contains("Your approval counts: 1 of 2."));
        assertEquals(409, ann.post(path(id) + "/approve", good).status(), "sent again");
        follow(bob, bob.post(path(id) + "/approve", vote(bob, id, Map.of())));
        assertTrue(shop.agreed(id));
    }

    @Test
    void no_queue_and_no_event_holds_what_decides() {
        note();
        var ann = visitor(Shop.ANN);
        for (String page : new String[] {"/console/approvals", "/console/approvals?tab=decided", "/console/grants"})
            assertFalse(ann.get(page).text().contains("name=\"token\""), page);
    }

    @Test
    void whoever_saw_other_arguments_does_not_approve_these() {
        var ann = visitor(Shop.ANN);
        String id = note();
        var old = vote(ann, id, Map.of());
        var edit = visitor(Shop.BOB);
        var form = edit.form(path(id), path(id) + "/edit");
        form.put("arguments", "{\"text\": \"other\"}");
        form.put("reason", "shorter");
        var shown = follow(edit, edit.post(path(id) + "/edit", form));
        assertTrue(shown.text().contains("Changed from what the agent proposed"), shown.text());

        var refused = ann.post(path(id) + "/approve", old);
        assertEquals(409, refused.status());
        assertTrue(refused.text().contains("The arguments are others now"), refused.text());
        assertEquals("pending", shop.state(id));
        follow(ann, ann.post(path(id) + "/approve", vote(ann, id, Map.of())));
        assertTrue(shop.agreed(id));
    }

    @Test
    void what_is_shown_in_part_is_opened_before_it_is_approved() {
        var ann = visitor(Shop.ANN);
        String id = shop.note("x".repeat(3_000) + "rm -rf /" + "y".repeat(3_000));
        String page = ann.get(path(id)).text();
        assertTrue(page.contains("Some are shown in part."));
        assertTrue(page.contains("data-key=\"a\" disabled"), "the button is off");

        var refused = ann.post(path(id) + "/approve", vote(ann, id, Map.of()));
        assertEquals(422, refused.status(), "and so is the form behind it");
        assertTrue(refused.text().contains("Open all of them"), refused.text());
        assertEquals("pending", shop.state(id));

        String opened = ann.get(path(id) + "?open=args.text").text();
        assertTrue(opened.contains("rm -rf /"));
        assertFalse(opened.contains("data-key=\"a\" disabled"));
        follow(ann, ann.post(path(id) + "/approve", vote(ann, path(id) + "?open=all", id, Map.of())));
        assertTrue(shop.agreed(id));
    }

    @Test
    void an_edit_that_policy_denies_changes_nothing_and_says_which_rule() {
        var ann = visitor(Shop.ANN);
        String id = shop.refund(501);
        var form = ann.form(path(id), path(id) + "/edit");
        form.put("arguments", "{\"amount\": 200000}");
        var refused = ann.post(path(id) + "/edit", form);
        assertEquals(409, refused.status());
        assertTrue(refused.text().contains("Nobody refunds a fortune.")
                && refused.text().contains("deny-fortunes"));
        form = ann.form(path(id), path(id) + "/edit");
        form.put("arguments", "{\"amount\": ");
        assertEquals(422, ann.post(path(id) + "/edit", form).status());
        form = ann.form(path(id), path(id) + "/edit");
        form.put("arguments", "{\"amount\": 60}");
        assertTrue(follow(ann, ann.post(path(id) + "/edit", form)).text().contains("60"));
    }

    @Test
    void more_people_are_called_in_a_vote_is_handed_on_and_questions_are_answered() {
        var ann = visitor(Shop.ANN);
        var kim = visitor(Shop.KIM);
        String id = shop.refund(502);
        assertTrue(
                kim.get(path(id)).text().contains("You cannot decide this: the rules that hold the call name others"));
        assertFalse(kim.get(path(id)).text().contains("name=\"token\""));

        follow(ann, ann.post(path(id) + "/escalate", vote(ann, id, Map.of("reason", "too much for me"))));
        assertTrue(kim.get(path(id)).text().contains("name=\"token\""));
        var again = ann.post(path(id) + "/escalate", vote(ann, id, Map.of()));
        assertEquals(409, again.status(), "nobody else is left to ask");

        var question = ann.form(path(id), path(id) + "/ask");
        question.put("question", "Which customer?");
        follow(ann, ann.post(path(id) + "/ask", question));
        String call = shop.approval(id).text("callId").orElseThrow();
        assertEquals(
                202,
                shop.served
                        .post(Served.CODER, "/v1/calls/" + call + "/answer", "{\"text\":\"Number 7\"}")
                        .status());
        String page = ann.get(path(id)).text();
        assertTrue(page.contains("Which customer?") && page.contains("Number 7") && page.contains("not verified"));

        var hand = ann.form(path(id), path(id) + "/delegate");
        hand.put("to", "nobody");
        assertEquals(409, ann.post(path(id) + "/delegate", hand).status());
        hand = ann.form(path(id), path(id) + "/delegate");
        hand.put("to", "kim");
        follow(ann, ann.post(path(id) + "/delegate", hand));
        page = ann.get(path(id)).text();
        assertTrue(page.contains("ann handed it to kim") && page.contains("they handed their vote on"), page);
    }

    @Test
    void whoever_does_not_decide_sees_why_and_no_form() {
        String id = note();
        String page = visitor(Shop.ROOT).get(path(id)).text();
        assertTrue(page.contains("Your roles (admin) let you look; an approver decides."), page);
        assertFalse(page.contains("name=\"token\""));
        assertEquals(
                403,
                visitor(Shop.ROOT)
                        .post(path(id) + "/approve", visitor(Shop.ROOT).form())
                        .status());
        assertEquals("pending", shop.state(id));
    }

    @Test
    void rules_conditions_and_values_are_for_auditors() {
        String id = shop.refund(503);
        String ann = visitor(Shop.ANN).get(path(id)).text();
        String bob = visitor(Shop.BOB).get(path(id)).text();
        assertTrue(ann.contains("hold-refunds") && !ann.contains("rules.yaml") && !ann.contains("args.amount &gt; 50"));
        assertTrue(bob.contains("rules.yaml:") && bob.contains("args.amount &gt; 50"), bob);
        assertTrue(bob.contains("<dt class=\"mono\">args.amount</dt><dd class=\"mono others\">503</dd>"), bob);
    }

    @Test
    void a_wider_approval_is_a_second_choice_with_its_effect_first() {
        var ann = visitor(Shop.ANN);
        String id = note();
        assertFalse(ann.get(path(id)).text().contains("name=\"wider\""), "nothing but this call is offered at first");
        assertTrue(ann.get(path(id) + "?for=48h").text().contains("It cannot reach so far"));
        String looked = path(id) + "?open=all&reach=session&for=1h&calls=5&vary=0";
        String page = ann.get(looked).text();
        assertTrue(page.contains("It would have let"), page);
        assertTrue(page.contains("name=\"wider\" value=\"no\" checked"), "only this call stays preselected");

        follow(ann, ann.post(path(id) + "/approve", vote(ann, looked, id, Map.of("wider", "yes"))));
        String grant = shop.approval(id).text("grant").orElseThrow();
        assertTrue(ann.get(path(id)).text().contains(grant), "the page says what came of it");
        assertTrue(ann.get("/console/grants").text().contains("whatever text is"), "in words");
        assertFalse(
                visitor(Shop.BOB).get("/console/grants?state=revoked").text().contains(grant));
        var revoke = ann.form("/console/grants", "/console/grants/" + grant + "/revoke");
        revoke.put("reason", "enough");
        assertTrue(follow(ann, ann.post("/console/grants/" + grant + "/revoke", revoke))
                .text()
                .contains("Taken back."));
        assertTrue(ann.get("/console/grants?state=revoked").text().contains(grant));
    }

    @Test
    void a_plain_approval_is_for_one_call_whatever_was_looked_at() {
        var ann = visitor(Shop.ANN);
        String id = note();
        String looked = path(id) + "?reach=session&for=1h";
        follow(ann, ann.post(path(id) + "/approve", vote(ann, looked, id, Map.of("wider", "no"))));
        assertTrue(shop.agreed(id));
        assertTrue(shop.approval(id).text("grant").isEmpty());
    }

    @Test
    void a_stop_needs_a_reason_and_a_name_that_is_there_and_only_an_admin_lifts_it() {
        var ann = visitor(Shop.ANN);
        var stop = ann.form("/console/stop", "/console/stop");
        stop.putAll(Map.of("scope", "agent", "id", "other"));
        assertEquals(422, ann.post("/console/stop", stop).status());
        stop.putAll(Map.of("reason", "it misbehaves", "id", "othr"));
        var missing = ann.post("/console/stop", stop);
        assertEquals(422, missing.status());
        assertTrue(missing.text().contains("There is no agent `othr` here. Nothing was stopped."), missing.text());
        stop.put("id", "other");
        assertTrue(follow(ann, ann.post("/console/stop", stop)).text().contains("it misbehaves"));
        String id = shop.served
                .get(Shop.ROOT, "/v1/stop")
                .json()
                .array("items")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("id")
                .orElseThrow();
        assertEquals(403, ann.post("/console/stop/" + id + "/lift", ann.form()).status());
        var root = visitor(Shop.ROOT);
        follow(root, root.post("/console/stop/" + id + "/lift", root.form()));
        assertEquals("[]", shop.served.get(Shop.ROOT, "/v1/stop").get("items").toString());
    }

    @Test
    void what_became_of_a_request_is_told_apart() {
        var ann = visitor(Shop.ANN);
        String denied = note();
        follow(ann, ann.post(path(denied) + "/deny", vote(ann, denied, Map.of("reason", "no"))));
        String cancelled = note();
        String call = shop.approval(cancelled).text("callId").orElseThrow();
        assertEquals(
                200,
                shop.served
                        .post(Served.CODER, "/v1/calls/" + call + "/cancel", "")
                        .status());
        String decided = ann.get("/console/approvals?tab=decided").text();

        assertTrue(decided.contains("Denied by a person") && decided.contains("Cancelled"), decided);
        assertTrue(ann.get(path(cancelled)).text().contains("Its agent gave it up."));
        assertEquals(404, ann.get("/console/approvals/apr_none").status());
    }
}
