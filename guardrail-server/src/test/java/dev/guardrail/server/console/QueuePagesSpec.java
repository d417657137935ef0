package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The queue searched, sorted and put together by what is alike, and like calls decided together: each vote is one of
/// its own, of what was seen.
class QueuePagesSpec {
    private static final String BATCH = "/console/approvals/batch";
    private static final AtomicInteger TEXT = new AtomicInteger();

    private static Shop shop;
    private static Browser browser;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        shop = new Shop(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        if (shop != null) shop.close();
        if (browser != null) browser.close();
    }

    private static String note() {
        return shop.note("one of many " + TEXT.incrementAndGet());
    }

    private static String wipe() {
        return shop.hold(
                "crm.wipe",
                JsonObject.with("table", "t" + TEXT.incrementAndGet()).build(),
                "");
    }

    private static Visitor visitor(String key) {
        return new Visitor(shop.served).signIn(key);
    }

    private static List<String> queue(Visitor visitor, String query) {
        return Pattern.compile("class=\"request\" href=\"/console/approvals/(apr_[0-9A-Z]+)")
                .matcher(visitor.get("/console/approvals?" + query).text())
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static String q(String search) {
        return "tab=all&q=" + URLEncoder.encode(search, StandardCharsets.UTF_8);
    }

    private static String batch(List<String> ids) {
        return BATCH + "?id=" + String.join("&id=", ids);
    }

    /// What the page's form sends when somebody presses one of its buttons.
    private static Served.Answer vote(Visitor visitor, List<String> ids, String vote, String reason) {
        return visitor.post(BATCH, form(visitor, ids, vote, reason));
    }

    private static Map<String, List<String>> form(Visitor visitor, List<String> ids, String vote, String reason) {
        String page = visitor.get(batch(ids)).text();
        var form = new LinkedHashMap<String, List<String>>();
        var hidden = Pattern.compile("<input type=\"hidden\" name=\"([a-z]+)\" value=\"([^\"]*)\"")
                .matcher(page.substring(page.indexOf("action=\"" + BATCH + "\"")));
        while (hidden.find())
            form.computeIfAbsent(hidden.group(1), first -> new ArrayList<>()).add(hidden.group(2));
        var boxes = Pattern.compile("name=\"pick\" value=\"([^\"]*)\" checked").matcher(page);
        while (boxes.find())
            form.computeIfAbsent("pick", first -> new ArrayList<>()).add(boxes.group(1));
        form.put("vote", List.of(vote));
        form.put("reason", List.of(reason));
        return form;
    }

    @Test
    void it_is_searched_by_the_words_of_the_audit() {
        String note = note();
        String refund = shop.refund(700 + TEXT.incrementAndGet());
        var ann = visitor(Shop.ANN);
        assertTrue(queue(ann, q("tool:crm.refund")).contains(refund));
        assertFalse(queue(ann, q("tool:crm.refund")).contains(note));
        assertTrue(queue(ann, q("tool:crm.*")).containsAll(List.of(note, refund)));
        assertFalse(queue(ann, q("-tool:crm.note")).contains(note));
        assertTrue(queue(ann, q("risk:high,critical")).contains(refund));
        assertFalse(queue(ann, q("risk:high,critical")).contains(note));
        assertTrue(queue(ann, q("rule:hold-notes agent:coder age:<1h")).contains(note));
        assertEquals(List.of(), queue(ann, q("age:>1h")));
        assertEquals(List.of(note), queue(ann, q(note)));
        String call = shop.approval(note).text("callId").orElseThrow();
        assertEquals(List.of(note), queue(ann, q(call)));
        shop.deny(Shop.BOB, note, "no");
        assertEquals(List.of(note), queue(ann, "tab=decided&q=" + note));
        assertEquals(List.of(), queue(ann, "tab=decided&q=state:used+" + note));
    }

    @Test
    void a_fault_is_shown_where_it_is() {
        var ann = visitor(Shop.ANN);
        for (var fault : List.of(
                List.of("tool:crm.get efect:deny", "             ^", "`efect` is no field; there are: age, agent, at"),
                List.of("seq:>1", "^", "`seq` is no field"),
                List.of("args.path:x", "^", "write a field, a colon and a value"),
                List.of("grt_1", "^", "write a field, a colon and a value"))) {
            var answer = ann.get("/console/approvals?" + q(fault.get(0)));
            assertEquals(400, answer.status(), fault.get(0));
            assertTrue(answer.text().contains("\n" + fault.get(1) + "</pre>"), fault.get(0) + answer.text());
            assertTrue(answer.text().contains(fault.get(2)), answer.text());
        }
    }

    @Test
    void it_is_sorted() {
        String first = note();
        String risky = wipe();
        String last = note();
        var ann = visitor(Shop.ANN);
        var oldest = queue(ann, "tab=all&sort=oldest");
        assertTrue(oldest.indexOf(first) < oldest.indexOf(risky) && oldest.indexOf(risky) < oldest.indexOf(last));
        var newest = queue(ann, "tab=all&sort=newest");
        assertEquals(oldest.reversed(), newest);
        var riskiest = queue(ann, "tab=all&sort=risk");
        assertTrue(riskiest.indexOf(risky) < riskiest.indexOf(first), "critical before medium");
        var ending = queue(ann, "tab=all");
        assertTrue(ending.indexOf(risky) < ending.indexOf(first), "in an hour before in four");
    }

    @Test
    void like_calls_stand_together_and_are_approved_each_by_a_vote_of_its_own() {
        var ids = List.of(note(), note(), note());
        String denied = note();
        try (Person ann = browser.person().signIn(shop.url, Shop.ANN)) {
            ann.page.locator("#q").fill("tool:crm.note");
            ann.page.getByLabel("What comes first").selectOption("newest");
            ann.page.getByLabel("Like calls together").check();
            Hostile.isClean(ann);
            ann.page.locator(".sift button").click();
            assertThat(ann.page.locator(".alike")).containsText("like calls: coder wants crm.note");
            assertThat(ann.page.locator("#q")).hasValue("tool:crm.note");
            assertThat(ann.page.getByLabel("What comes first")).hasValue("newest");
            assertThat(ann.page.locator("[data-live=state]")).hasText("Live");
            String live = note();
            assertThat(ann.page.locator("a.request[href*='" + live + "']")).hasCount(1);
            assertThat(ann.page.locator("[data-live=queue] form, [data-live=queue] input"))
                    .hasCount(0);
            Hostile.isClean(ann);
            ann.page.getByText("Decide together").click();
            assertThat(ann.page.locator("h1")).hasText("Like calls");
            for (String id : ids)
                assertThat(ann.page.locator("section[aria-label='Request " + id + "'] .values"))
                        .containsText("one of many");
            Hostile.isClean(ann);
            ann.page.navigate(shop.url + batch(List.of(ids.get(0), ids.get(1), ids.get(2), denied)));
            ann.page.locator("input[value='" + denied + "']").uncheck();
            ann.page.locator("#reason").fill("read all three");
            ann.page.getByText("Approve those picked").click();
            assertThat(ann.page.locator("[role=status] li.allow")).hasCount(3);
            assertThat(ann.page.locator("[role=status]").last())
                    .containsText("Approved. Exactly this call may run, once");
            Hostile.isClean(ann);
            assertEquals("pending", shop.state(denied), "left out");
            ann.page.locator("#reason").fill("not this one");
            ann.page.getByText("Deny those picked").click();
            assertThat(ann.page.locator("[role=status] li")).containsText(new String[] {"Denied."});
            shop.giveUp(live);
        }
        for (String id : ids) assertTrue(shop.agreed(id), id);
        assertEquals("denied", shop.state(denied));
    }

    @Test
    void without_script_on_a_telephone_they_are_denied_together() {
        var ids = List.of(note(), note());
        var options = new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(390, 844)
                .setJavaScriptEnabled(false);
        try (Person ann = browser.person(options).signIn(shop.url, Shop.ANN)) {
            ann.page.navigate(shop.url + batch(ids));
            ann.page.getByText("Deny those picked").click();
            assertThat(ann.page.locator("#decide-error")).containsText("Say why you deny them");
            ann.page.locator("#reason").fill("neither");
            ann.page.getByText("Deny those picked").click();
            assertThat(ann.page.locator("[role=status] li.allow")).hasCount(2);
        }
        for (String id : ids) assertEquals("denied", shop.state(id));
    }

    @Test
    void what_was_changed_meanwhile_is_refused_by_name_and_the_others_stand() {
        for (String vote : List.of("approve", "deny")) {
            var ids = List.of(note(), note(), note());
            var ann = visitor(Shop.ANN);
            var form = form(ann, ids, vote, "all of them");
            String changed = ids.get(1);
            String digest = shop.approval(changed).text("argumentsDigest").orElseThrow();
            assertEquals(
                    200,
                    shop.served
                            .post(
                                    Shop.BOB,
                                    "/v1/approvals/" + changed + "/edit",
                                    "{\"argumentsDigest\":\"" + digest + "\",\"arguments\":{\"text\":\"another " + vote
                                            + "\"}}")
                            .status());
            var answer = ann.post(BATCH, form);
            assertEquals(200, answer.status(), answer.text());
            String told = answer.text().substring(answer.text().indexOf("What became of your votes"));
            assertTrue(
                    Pattern.compile(changed + "</a> The arguments are others now")
                            .matcher(told)
                            .find(),
                    told);
            assertEquals("pending", shop.state(changed));
            for (String id : List.of(ids.get(0), ids.get(2)))
                assertEquals(vote.equals("approve"), shop.agreed(id), vote + " " + shop.state(id));
            shop.giveUp(changed);
        }
    }

    @Test
    void nothing_of_high_risk_is_approved_together_and_it_is_denied_together() {
        var ids = List.of(wipe(), wipe());
        var ann = visitor(Shop.ANN);
        assertFalse(ann.get(batch(ids)).text().contains("value=\"approve\""), "there is no such button");
        var answer = vote(ann, ids, "approve", "a form that was changed");
        assertTrue(answer.text().contains("What is of critical risk is approved one by one."), answer.text());
        for (String id : ids)
            assertEquals("0", shop.approval(id).get("given").orElseThrow().toString());
        vote(ann, ids, "deny", "neither");
        for (String id : ids) assertEquals("denied", shop.state(id));
    }

    @Test
    void a_form_votes_once_for_its_visitor_and_for_what_its_page_showed() {
        var ids = List.of(note(), note());
        var ann = visitor(Shop.ANN);
        var form = form(ann, ids, "approve", "");
        var foreign = new LinkedHashMap<>(form);
        foreign.put("csrf", List.of("x"));
        assertEquals(403, ann.post(BATCH, foreign).status());
        var none = new LinkedHashMap<>(form);
        none.remove("pick");
        assertEquals(409, ann.post(BATCH, none).status(), "and it is used up");
        assertEquals(409, ann.post(BATCH, form).status());
        var more = form(ann, ids, "approve", "");
        String other = note();
        String digest = shop.approval(other).text("argumentsDigest").orElseThrow();
        more.get("item").add(other + " " + digest);
        more.get("pick").add(other);
        assertEquals(409, ann.post(BATCH, more).status(), "one that the page did not show");
        var alone = form(ann, ids, "approve", "");
        alone.get("pick").add(other);
        ann.post(BATCH, alone);
        assertEquals("pending", shop.state(other), "nobody saw it there");
        for (String id : ids) assertTrue(shop.agreed(id));
        var bob = visitor(Shop.BOB);
        var his = form(bob, List.of(other), "approve", "");
        var hers = new LinkedHashMap<>(his);
        hers.put("csrf", form(ann, List.of(other), "approve", "").get("csrf"));
        assertEquals(409, ann.post(BATCH, hers).status(), "another visitor's token");
        assertEquals("pending", shop.state(other));
        assertEquals(409, bob.post(BATCH, his).status(), "and it is used up");
        assertEquals(200, vote(bob, List.of(other), "approve", "").status());
        assertTrue(shop.agreed(other));
    }

    @Test
    void what_is_not_alike_or_not_the_visitor_s_is_named_and_left_out() {
        String note = note();
        String wipe = wipe();
        String over = note();
        shop.deny(Shop.BOB, over, "no");
        var ann = visitor(Shop.ANN);
        String page = ann.get(batch(List.of(note, wipe, over, "apr_none"))).text();
        assertTrue(page.contains("It is not like the others"), page);
        assertTrue(page.contains("It is denied already."), page);
        assertTrue(page.contains("There is no such request any more."), page);
        assertTrue(page.contains("name=\"item\" value=\"" + note + " sha256:"), page);
        assertFalse(page.contains("name=\"item\" value=\"" + wipe), page);
        assertTrue(visitor(Shop.KIM).get(batch(List.of(wipe))).text().contains("You have no vote on it"));
        assertEquals(403, visitor(Shop.ROOT).get(batch(List.of(note))).status());
    }

    @Test
    void what_agents_write_is_text_there_too_and_shown_whole() {
        String hostile = shop.hold(
                "crm.note",
                JsonObject.with("text", Hostile.TEXT)
                        .with("body", "z".repeat(6_000) + "the end")
                        .build(),
                Hostile.TEXT);
        String other = note();
        try (Person ann = browser.person().signIn(shop.url, Shop.ANN)) {
            ann.page.navigate(shop.url + batch(List.of(hostile, other)));
            Hostile.isText(ann);
            Hostile.isHarmless(ann.page);
            assertThat(ann.page
                            .locator("section[aria-label='Request " + hostile + "'] .values")
                            .first())
                    .containsText("the end");
            Hostile.isClean(ann);
            ann.page.navigate(shop.url + "/console/approvals?tab=all&alike=yes&sort=risk");
            Hostile.isHarmless(ann.page);
            Hostile.isClean(ann);
        }
        shop.giveUp(hostile);
    }

    @Test
    void an_approval_reaches_as_far_as_a_sum() {
        String id = shop.hold(
                "crm.note",
                JsonObject.with("text", "postage")
                        .with("cents", JsonNumber.of(250))
                        .build(),
                "");
        try (Person ann = browser.person().signIn(shop.url, Shop.ANN)) {
            ann.page.navigate(shop.page(id));
            assertThat(ann.page.locator("#reach input[name=sum]")).hasCount(2);
            ann.page.locator("#reach-for").selectOption("1h");
            ann.page.locator("#reach label:has-text('cents') input[name=sum]").check();
            ann.page.locator("#reach-most").fill("1,000");
            ann.page.getByText("Show what it would have meant").click();
            assertThat(ann.page.locator("#reach [role=alert]")).containsText("a number, with a point");
            ann.page.locator("#reach label:has-text('cents') input[name=sum]").check();
            ann.page.locator("#reach-most").fill("1000");
            ann.page.getByText("Show what it would have meant").click();
            assertThat(ann.page.locator("#reach [role=status]")).containsText("cents up to 1000 in all");
            Hostile.isClean(ann);
            ann.page.locator("input[name=wider][value=yes]").check();
            ann.page.getByText("Approve once").click();
            assertThat(ann.page.locator("article")).containsText("It reaches further.");
            Hostile.isClean(ann);
        }
        assertEquals("permitted", postage(700).text("state"));
        assertEquals("held", postage(100).text("state"), "250 and 700 and 100 are more than 1000");
        assertEquals("permitted", postage(50).text("state"));
    }

    private static Served.Answer postage(int cents) {
        return shop.served.propose(Served.CODER, "crm.note", "{\"text\":\"postage\",\"cents\":" + cents + "}");
    }
}
