package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.refusal.RecordingUpstream;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A plan in a browser, before a server that counts what reaches it: it is read whole, approved by two people with what
/// its risk asks for, its calls run, and it is taken back where grants stand.
class PlanPagesSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: payments, owner: finance}
            rules:
              - id: payments-ask
                match: {tools: [bank.pay]}
                effect: require_approval
                risk: high
                approval: {required: 2, confirm: args.country, remember: {max: 24h}}
              - {id: may-plan, match: {tools: [guardrail.plan]}, effect: allow}
              - {id: never-remove, match: {tools: [bank.rm]}, effect: deny, message: Nothing is removed.}
            """;

    private static RecordingUpstream bank;
    private static Served served;
    private static Browser browser;
    private static String url;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        bank = new RecordingUpstream(false);
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), RULES);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  bank: {url: "%s"}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver]}
                  - {name: bob, key: {env: SAM}, roles: [approver, auditor]}
                """.formatted(bank.url()));
        served = Served.in(directory);
        url = served.sidecar.url().toString();
        while (!served.get(Served.SAM, "/v1/tools").text().contains("bank.pay")) Thread.onSpinWait();
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (bank != null) bank.close();
        if (browser != null) browser.close();
    }

    private static Served.Answer call(String tool, String arguments) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"" + tool + "\",\"arguments\":" + arguments + ",\"run\":\"guard\"}");
    }

    private static Served.Answer pay(String country, int amount) {
        return call("bank.pay", "{\"amount\":" + amount + ",\"country\":\"" + country + "\"}");
    }

    private static Served.Answer plan(String country, int amount, int most) {
        return call("guardrail.plan", """
                {"calls": [
                  {"tool": "bank.pay", "arguments": {"amount": %2$d, "country": "%1$s"}},
                  {"tool": "bank.pay", "arguments": {"amount": 10, "country": "%1$s"}, "times": 5,
                   "sum": {"argument": "amount", "max": %3$d}}]}
                """.formatted(country, amount, most));
    }

    private static String held(Served.Answer answer) {
        assertEquals("held", answer.text("state"), answer.text());
        return answer.json().object("approval").orElseThrow().text("id").orElseThrow();
    }

    private static void open(Person person, String approval) {
        person.page.navigate(url + "/console/approvals");
        person.page.locator("a.request[href*='" + approval + "']").click();
    }

    private static void vote(Person person, String typed) {
        person.page.getByLabel(Pattern.compile("Type the value of")).fill(typed);
        person.page.getByText("Approve the plan").click();
    }

    private static void says(Person person, String words) {
        assertThat(person.page.locator("main .notice[role=status]").first()).containsText(words);
    }

    @Test
    void it_is_read_approved_by_two_people_used_and_taken_back() {
        String id = held(plan("DE", 250, 60));
        try (Person ann = browser.person().signIn(url, Served.ANN);
                Person bob = browser.person().signIn(url, Served.SAM)) {
            open(ann, id);
            assertThat(ann.page.locator("#claim"))
                    .containsText("coder wants 2 calls approved at once: bank.pay (2 times)");
            assertThat(ann.page.locator(".planned li")).containsText(new String[] {
                "1. bank.pay, with amount 250",
                "2. bank.pay, up to 5 times, with amount 10, country \"DE\"; all amount together at most 60"
            });
            assertThat(ann.page.locator("article .row").first()).containsText("High");
            assertThat(ann.page.getByText("Approve once")).hasCount(0);
            Hostile.isClean(ann);
            vote(ann, "FR");
            assertThat(ann.page.locator("#decide-error")).containsText("not the value");
            vote(ann, "DE");
            says(ann, "Your approval counts: 1 of 2.");
            assertEquals("held", plan("DE", 250, 60).text("state"), "one of two is no approval");
            assertEquals("held", pay("DE", 250).text("state"));

            open(bob, id);
            bob.page.getByLabel(Pattern.compile("Type the value of")).fill("DE");
            bob.page.locator("h1").click();
            bob.page.keyboard().press("a");
            assertThat(bob.page.locator("dialog")).containsText("Approve the whole plan?");
            bob.page.keyboard().press("Enter");
            says(bob, "Approved. When the agent makes the plan again, its calls run as planned");
            Hostile.isClean(bob);
            assertEquals(0, bank.calls("pay"), "an approval runs nothing");

            var planned = plan("DE", 250, 60);
            assertEquals("succeeded", planned.text("state"), planned.text());
            assertEquals(0, bank.calls("pay"), "a plan runs none of its calls");
            assertEquals("succeeded", pay("DE", 50).text("state"));
            assertEquals("held", pay("DE", 11).text("state"), "above what is left of the sum");
            assertEquals("held", pay("FR", 1).text("state"), "not as planned");
            assertEquals(1, bank.calls("pay"));

            bob.page.reload();
            assertThat(bob.page.locator("article")).containsText("Approved and used");
            assertThat(bob.page.locator("article")).containsText("these grants reach");
            Hostile.isClean(bob);
            takeBack(ann, id);
        }
        assertEquals("held", pay("DE", 10).text("state"), "what was left of the template");
        assertEquals("held", pay("DE", 250).text("state"), "and the other call of the plan with it");
        assertEquals(1, bank.calls("pay"));
    }

    private static void takeBack(Person person, String approval) {
        person.page.navigate(url + "/console/grants");
        var cards = person.page.locator("section.card:has(a[href='/console/approvals/" + approval + "'])");
        assertThat(cards).hasCount(2);
        var template = cards.filter(new Locator.FilterOptions().setHasText("1 of 5"));
        assertThat(template).containsText("50 of 60");
        assertThat(template).containsText("Call 2 of a plan");
        Hostile.isClean(person);
        template.getByLabel("Reason").fill("the wrong account");
        template.getByText("Take it back").click();
        says(person, "Taken back, with all that was left of its plan.");
        assertThat(person.page.locator(".empty")).containsText("No grant is active");
        person.page.navigate(url + "/console/grants?state=revoked");
        assertThat(cards).hasCount(2);
        assertThat(cards.first()).containsText("the wrong account");
        Hostile.isClean(person);
    }

    @Test
    void without_script_on_a_telephone_it_is_read_and_denied_as_a_whole() {
        String id = held(plan("IT", 9, 20));
        var options = new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(390, 844)
                .setJavaScriptEnabled(false);
        try (Person ann = browser.person(options).signIn(url, Served.ANN)) {
            open(ann, id);
            assertThat(ann.page.locator(".planned li")).hasCount(2);
            ann.page.locator("#reason").fill("too much at once");
            ann.page.locator("button[data-key=d]").click();
            says(ann, "Denied.");
        }
        var told = plan("IT", 9, 20);
        assertEquals("denied", told.text("state"), told.text());
        assertTrue(told.text().contains("too much at once"), told.text());
        assertEquals("held", pay("IT", 9).text("state"), "its calls are asked for one by one, as ever");
    }

    @Test
    void what_a_planned_call_hides_is_marked_in_its_line_and_nothing_of_it_runs() {
        var arguments = JsonObject.with("a", "\u202Eeno")
                .with("country", "DE")
                .with("note", Hostile.TEXT)
                .build();
        var planned =
                JsonObject.with("tool", "bank.pay").with("arguments", arguments).build();
        String id = held(call(
                "guardrail.plan",
                JsonObject.with("calls", new JsonArray(List.of(planned)))
                        .build()
                        .toString()));
        try (Person ann = browser.person().signIn(url, Served.ANN)) {
            open(ann, id);
            assertThat(ann.page.locator(".planned li .chip").first()).hasText("U+202E");
            Hostile.isText(ann);
            Hostile.isClean(ann);
        }
    }
}
