package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.notify.Receiver;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How many clicks and typed values lead from the link in a message to a decision, for somebody who is signed in: three
/// at most. The link is the one that a channel was sent, and stands on a page of another site, as in people's mail.
class NotifiedDecisionSpec {
    private static final int MOST = 3;
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: base, owner: platform}
            rules:
              - id: hold-notes
                match: {tools: [crm.note]}
                effect: require_approval
                approval: {notify: [ops]}
              - id: hold-refunds
                match: {tools: [crm.refund]}
                effect: require_approval
                risk: high
                approval: {confirm: args.amount, notify: [ops]}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: crm
            tools:
              note: {effect: write, inputSchema: {type: object}}
              refund: {effect: external, inputSchema: {type: object}}
            """;

    private static final String CONFIGURATION = """
            listen: 127.0.0.1:PORT
            data: ./data
            policies: [./policies]
            servers:
              crm: {caller: true}
            agents:
              - {name: coder, key: {env: CODER}}
            operators:
              - {name: ann, key: {env: ANN}, roles: [approver]}
            approvals:
              notify:
                ops: {webhook: "HOOK", secret: {env: OTHER}}
            """;

    private static final Receiver OPS = new Receiver();
    private static Browser browser;
    private static Served served;
    private static String url;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("policies/rules.yaml"), RULES);
        Served.write(
                directory.resolve("guardrail.yaml"),
                CONFIGURATION
                        .replace("PORT", String.valueOf(ProviderGuard.port()))
                        .replace("HOOK", OPS.url("/ops").toString()));
        served = Served.in(directory);
        url = served.sidecar.url().toString();
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        OPS.close();
        if (browser != null) browser.close();
    }

    /// Somebody whose clicks and typed values are counted, from a message on.
    private static final class Counted {
        final Person person;
        int done;

        Counted(Person person, String link) {
            this.person = person;
            person.page.route(
                    "https://mail.example/",
                    route -> route.fulfill(new Route.FulfillOptions()
                            .setContentType("text/html")
                            .setBody("<a href='" + link + "'>A call waits for you</a>")));
            person.page.navigate("https://mail.example/");
            click(person.page.getByText("A call waits for you"));
            assertThat(person.page.locator("#claim")).isVisible();
        }

        void click(Locator what) {
            done++;
            what.click();
        }

        void type(Locator what, String text) {
            done++;
            what.fill(text);
        }

        void approve() {
            click(person.page.getByText("Approve once"));
        }
    }

    private static String held(String tool, int amount) {
        return served.propose(Served.CODER, tool, "{\"amount\":" + amount + "}")
                .json()
                .object("approval")
                .orElseThrow()
                .text("id")
                .orElseThrow();
    }

    /// The link in the message about an approval, once it has come.
    private static String link(String id) {
        return awaited(() -> OPS.taken().stream()
                .map(Receiver.Taken::json)
                .flatMap(event -> event.object("data").stream())
                .flatMap(data -> data.text("link").stream())
                .filter(link -> link.endsWith(id))
                .findFirst());
    }

    private static String awaited(Supplier<Optional<String>> what) {
        long end = System.nanoTime() + SOON.toNanos();
        Optional<String> found = what.get();
        while (found.isEmpty()) {
            if (System.nanoTime() > end) throw new AssertionError("no message came");
            Thread.onSpinWait();
            found = what.get();
        }
        return found.get();
    }

    private static void isDecided(Counted ann, String id, List<String> states) {
        assertThat(ann.person.page.locator("main .notice[role=status]").first()).isVisible();
        JsonObject now = served.get(Served.ANN, "/v1/approvals/" + id).json();
        assertTrue(states.contains(now.text("state").orElseThrow()), now.toString());
        assertTrue(ann.done <= MOST, ann.done + " interactions");
        assertEquals(List.of(), ann.person.complaints);
    }

    private static Person signedIn(boolean telephone) {
        return (telephone ? browser.onTelephone() : browser.person()).signIn(url, Served.ANN);
    }

    private static void ordinary(boolean telephone, int amount) {
        String id = held("crm.note", amount);
        try (Person person = signedIn(telephone)) {
            var ann = new Counted(person, link(id));
            ann.approve();
            isDecided(ann, id, List.of("approved", "used"));
            assertEquals(2, ann.done);
        }
    }

    private static void dangerous(boolean telephone, int amount) {
        String id = held("crm.refund", amount);
        try (Person person = signedIn(telephone)) {
            var ann = new Counted(person, link(id));
            ann.type(person.page.getByLabel(Pattern.compile("Type the value of")), String.valueOf(amount));
            ann.approve();
            isDecided(ann, id, List.of("approved", "used"));
        }
        String other = held("crm.refund", amount + 1);
        try (Person person = signedIn(telephone)) {
            var ann = new Counted(person, link(other));
            ann.approve();
            assertThat(person.page.locator("#decide-error")).isVisible();
        }
        assertEquals("pending", served.get(Served.ANN, "/v1/approvals/" + other).text("state"), "nothing was typed");
    }

    private static void denied(boolean telephone, int amount) {
        String id = held("crm.note", amount);
        try (Person person = signedIn(telephone)) {
            var ann = new Counted(person, link(id));
            ann.type(person.page.locator("#reason"), "No ticket.");
            ann.click(person.page.locator("button[data-key=d]"));
            assertThat(person.page.locator("article")).containsText("Denied by a person");
            isDecided(ann, id, List.of("denied"));
        }
    }

    @Test
    void an_ordinary_request_at_a_desk() {
        ordinary(false, 1);
    }

    @Test
    void an_ordinary_request_on_a_telephone() {
        ordinary(true, 2);
    }

    @Test
    void a_dangerous_request_at_a_desk_takes_the_typed_value() {
        dangerous(false, 600);
    }

    @Test
    void a_dangerous_request_on_a_telephone_takes_the_typed_value() {
        dangerous(true, 700);
    }

    @Test
    void a_denial_with_its_reason_at_a_desk_and_on_a_telephone() {
        denied(false, 3);
        denied(true, 4);
    }
}
