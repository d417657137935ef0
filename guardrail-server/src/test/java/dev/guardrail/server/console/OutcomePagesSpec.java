package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What became of requests, told apart on their pages and in the queue: by a person, by policy, by nobody in time, by
/// a fault, by a stop, by whoever asked.
class OutcomePagesSpec {
    private static final AtomicLong PASSED = new AtomicLong();

    /// What the guard runs by itself, and does not before its agent comes back.
    private static final String PLANS = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: plans, owner: platform}
            rules:
              - {id: hold-plans, match: {tools: [guardrail.plan]}, effect: require_approval}
            """;

    private static final String MORE = PLANS + """
            ---
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: later, owner: platform}
            rules:
              - {id: deny-doomed, match: {tools: [crm.note]}, when: args.text == "doomed", effect: deny}
              - id: deny-odd
                match: {tools: [crm.note]}
                when: args.text.startsWith("odd") && int(args.text) > 1
                effect: deny
            """;

    private static Shop shop;
    private static Browser browser;

    /// Ids of requests, by what became of them.
    private static final Map<String, String> ENDED = new LinkedHashMap<>();

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        shop = new Shop(
                directory, new Clocks(Clock.systemUTC(), () -> System.nanoTime() + PASSED.get(), new SecureRandom()));
        shop.also(PLANS);
        expire();
        ask();
        decideAgain();
    }

    @AfterAll
    static void stop() throws Exception {
        if (shop != null) shop.close();
        if (browser != null) browser.close();
    }

    private static String ended(String how, String id) {
        ENDED.put(how, id);
        return id;
    }

    /// What time ends.
    private static void expire() {
        ended("Expired", shop.note("nobody looked"));
        String unused = ended("Approved, never used", plan(1));
        assertEquals(200, shop.approve(Shop.BOB, unused, "").status());
        PASSED.addAndGet(Duration.ofHours(5).toNanos());
        shop.served.expireDue();
    }

    /// What people, stops and the agent end.
    private static void ask() {
        shop.deny(Shop.BOB, ended("Denied by a person", shop.note("to be denied")), "Not on a Sunday");
        shop.giveUp(ended("Cancelled", shop.note("given up")));
        ended("Stopped", shop.note("stopped"));
        var stop =
                shop.served.post(Shop.ROOT, "/v1/stop", "{\"scope\":\"agent\",\"id\":\"coder\",\"reason\":\"drill\"}");
        String stopped = stop.text("id");
        assertEquals(
                200,
                shop.served
                        .send(Shop.ROOT, "DELETE", "/v1/stop/" + stopped, "", Map.of())
                        .status());
        assertEquals(
                200,
                shop.approve(Shop.BOB, ended("Approved and used", shop.note("used")), "")
                        .status());
        shop.awaitDecision(ENDED.get("Approved and used"));
        assertEquals(200, shop.approve(Shop.BOB, ended("Approved", plan(2)), "").status());
    }

    /// What is decided otherwise when people have agreed.
    private static void decideAgain() throws Exception {
        String doomed = ended("Denied by policy", shop.note("doomed"));
        String odd = ended("Failed closed", shop.note("odd one"));
        String fine = shop.note("neither");
        shop.also(MORE);
        for (String id : List.of(doomed, odd, fine)) shop.approve(Shop.BOB, id, "");
        for (String id : List.of(doomed, odd, fine)) shop.awaitDecision(id);
        assertEquals("used", shop.state(fine));
    }

    /// A plan of a call that needs nobody.
    private static String plan(int number) {
        String answer = planned(number);
        return answer.substring(answer.indexOf("apr_"), answer.indexOf("apr_") + "apr_".length() + 26);
    }

    private static String planned(int number) {
        return shop.served
                .post(
                        Served.CODER,
                        "/v1/calls",
                        "{\"tool\":\"guardrail.plan\",\"run\":\"guard\",\"arguments\":{\"calls\":"
                                + "[{\"tool\":\"crm.get\",\"arguments\":{\"number\":" + number + "}}]}}")
                .text();
    }

    @Test
    void each_outcome_has_a_word_of_its_own_on_its_page_and_in_the_queue() {
        try (Person bob = browser.person().signIn(shop.url, Shop.BOB)) {
            bob.page.navigate(shop.url + "/console/approvals?tab=decided");
            ENDED.forEach((word, id) -> assertThat(bob.page.locator("a.request[href*='" + id + "'] .badge"))
                    .hasText(word));
            Hostile.isClean(bob);
            ENDED.forEach((word, id) -> {
                bob.page.navigate(shop.page(id) + "?tab=decided");
                Locator notice = bob.page.locator("article .notice").first();
                assertThat(notice).containsText(word + ".");
                assertThat(bob.page.locator("article .badge").nth(1)).hasText(word);
                assertThat(bob.page.locator("form[action*='" + id + "']")).hasCount(0);
                assertThat(bob.page.locator("#arguments")).not().containsText("not kept any more");
                Hostile.isClean(bob);
            });
        }
    }

    @Test
    void a_page_says_who_ended_it_and_why() {
        var bob = new Visitor(shop.served).signIn(Shop.BOB);
        var said = Map.of(
                "Denied by a person", "Not on a Sunday",
                "Denied by policy", "a rule denied it",
                "Failed closed", "The guard could not decide it again",
                "Expired", "Nobody decided in time",
                "Approved, never used", "did not come back in time",
                "Stopped", "An operator&#39;s stop",
                "Cancelled", "Its agent gave it up.");
        said.forEach((word, words) -> {
            String page = bob.get("/console/approvals/" + ENDED.get(word)).text();
            assertTrue(page.contains(words) || page.contains(words.replace("&#39;", "'")), word + " in " + page);
        });
        assertTrue(bob.get("/console/approvals/" + ENDED.get("Denied by a person"))
                .text()
                .contains("by bob."));
        for (String nobodys : List.of("Expired", "Failed closed", "Denied by policy", "Cancelled"))
            assertFalse(
                    bob.get("/console/approvals/" + ENDED.get(nobodys)).text().contains("Denied by a person"),
                    nobodys + " is nobody's denial");
    }

    @Test
    void a_grant_that_was_taken_back_is_no_reach_any_more() {
        String id = shop.note("remembered");
        String grant = shop.approve(Shop.BOB, id, ",\"scope\":{\"for\":\"1h\",\"calls\":5}")
                .text("grant");
        try (Person bob = browser.person().signIn(shop.url, Shop.BOB)) {
            bob.page.navigate(shop.page(id));
            assertThat(bob.page.locator("article")).containsText("It reaches further.");
            assertThat(bob.page.locator("article .notice li")).hasText(new String[] {"Active" + grant});
            Hostile.isClean(bob);
            shop.served.send(Shop.ROOT, "DELETE", "/v1/grants/" + grant, "", Map.of());
            bob.page.reload();
            assertThat(bob.page.locator("article")).containsText("It reached further, and does no more.");
            assertThat(bob.page.locator("article .notice li")).hasText(new String[] {"Taken back" + grant});
            Hostile.isClean(bob);
        }
    }

    @Test
    void an_ended_session_takes_its_requests_along() {
        String id = shop.note("of a session that ends");
        String session = shop.approval(id).text("session").orElseThrow();
        assertEquals(
                200,
                shop.served
                        .post(Shop.ROOT, "/v1/sessions/" + session + "/end", "{}")
                        .status());
        String page = new Visitor(shop.served)
                .signIn(Shop.BOB)
                .get("/console/approvals/" + id)
                .text();
        assertTrue(page.contains("Cancelled") && page.contains("Its session was ended."), page);
    }

    @Test
    void what_is_decided_comes_to_the_decided_by_itself() {
        String id = shop.note("decided while somebody looks");
        String other = plan(3);
        try (Person ann = browser.person().signIn(shop.url, Shop.ANN)) {
            ann.page.navigate(shop.url + "/console/approvals?tab=decided");
            assertThat(ann.page.locator("[data-live=state]")).hasText("Live");
            Locator item = ann.page.locator("a.request[href*='" + id + "']");
            assertThat(item).hasCount(0);
            shop.deny(Shop.BOB, id, "no");
            assertThat(item.locator(".badge")).hasText("Denied by a person");
            Locator later = ann.page.locator("a.request[href*='" + other + "']");
            shop.approve(Shop.BOB, other, "");
            assertThat(later.locator(".badge")).hasText("Approved");
            assertTrue(planned(3).contains("succeeded"));
            assertThat(later.locator(".badge")).hasText("Approved and used");
            Hostile.isClean(ann);
        }
    }
}
