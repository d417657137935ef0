package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Signing in at an identity provider that is none of ours, in a browser. The guard is `localhost` and the provider
/// `127.0.0.1`: two sites, so that cookies and Fetch Metadata are what they are between sites.
class ProviderPagesSpec {
    private static final String GROUPS = """
            {"ann": ["staff"], "kim": ["staff", "guard-approvers"], "eve": ["staff", "visitors"]}
            """;

    private static Browser browser;
    private static ForeignProvider provider;
    private static Served served;
    private static String url;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        int port = ProviderGuard.port();
        url = "http://localhost:" + port;
        provider = ForeignProvider.start(url, ProviderGuard.secret(directory), GROUPS.strip());
        served = ProviderGuard.in(directory, provider.issuer, "localhost", port, Clocks.system());
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (provider != null) provider.close();
        if (browser != null) browser.close();
    }

    /// From the sign-in page through the provider's own pages, as far as they lead.
    private static void goThrough(Person person, String name) {
        // The provider's pages load a font from elsewhere.
        person.page.route(
                Pattern.compile("https://fonts\\..*"),
                route -> route.fulfill(
                        new Route.FulfillOptions().setContentType("text/css").setBody("")));
        person.page.navigate(url + "/console/approvals?tab=all");
        person.page.getByText("Sign in at").click();
        person.page.locator("input[name=login]").fill("of-the-issuer|" + name);
        person.page.locator("input[name=password]").fill("whatever");
        person.page
                .getByText("Sign-in", new Page.GetByTextOptions().setExact(true))
                .last()
                .click();
        person.page.getByText("Continue").click();
    }

    private static void isClean(Person person) {
        assertEquals(List.of(), person.complaints);
        assertEquals(List.of(), Browser.barriers(person.page));
    }

    private static void isAtTheQueue(Person person, String name) {
        assertThat(person.page).hasURL(Pattern.compile(".*/console/approvals\\?tab=all"));
        assertThat(person.page.locator("h1")).hasText("Approvals");
        assertThat(person.page.locator(".who")).containsText(name);
    }

    @Test
    void from_the_sign_in_page_to_the_queue_and_out_again() {
        try (Person ann = browser.person()) {
            ann.page.navigate(url + "/console");
            isClean(ann);
            goThrough(ann, "ann");
            isAtTheQueue(ann, "ann");
            isClean(ann);
            var kept = ann.context.cookies().stream()
                    .filter(cookie -> cookie.domain.equals("localhost"))
                    .map(cookie -> cookie.name.replaceAll("\\d+", ""))
                    .toList();
            assertEquals(List.of("guardrail_visit_"), kept);

            ann.page.getByTitle("Sign out").click();
            assertThat(ann.page.locator("h1")).hasText("Signed out");
            isClean(ann);
            ann.page.getByText("Sign out at").click();
            ann.page.getByText("Yes, sign me out").click();
            assertThat(ann.page).hasURL(Pattern.compile(url + "/console/sign-in.*"));
            ann.page.navigate(url + "/console/approvals");
            assertThat(ann.page.locator("h1")).hasText("Sign in");
        }
    }

    @Test
    void without_script() {
        try (Person ann = browser.withoutScript()) {
            goThrough(ann, "ann");
            isAtTheQueue(ann, "ann");
        }
    }

    @Test
    void whom_the_provider_alone_knows_decides_as_her_groups_allow() {
        String id = served.propose(Served.CODER, "crm.pay", "{\"amount\":7}")
                .json()
                .object("approval")
                .orElseThrow()
                .text("id")
                .orElseThrow();
        try (Person kim = browser.person()) {
            goThrough(kim, "kim");
            isAtTheQueue(kim, "kim");
            kim.page.navigate(url + "/console/approvals/" + id);
            kim.page.getByText("Approve once").click();
            assertThat(kim.page.locator("main .notice[role=status]").first()).containsText("Approved.");
            assertEquals(List.of(), kim.complaints);
        }
        String state = served.get(Served.SAM, "/v1/approvals/" + id).text("state");
        assertTrue(List.of("approved", "used").contains(state), state);
    }

    @Test
    void whoever_is_in_no_mapped_group_reads_which_were_seen() {
        try (Person eve = browser.person()) {
            goThrough(eve, "eve");
            var told = eve.page.getByRole(AriaRole.ALERT);
            assertThat(told).containsText("knows you as `eve`");
            assertThat(told).containsText("Groups seen in `groups`: staff, visitors");
            assertThat(told).containsText("identity.signIn.roles");
            isClean(eve);
            eve.page.navigate(url + "/console/approvals");
            assertThat(eve.page.locator("h1")).hasText("Sign in");
        }
    }

    @Test
    void what_came_back_once_is_of_no_use_again() {
        var returns = new CopyOnWriteArrayList<String>();
        try (Person ann = browser.person()) {
            ann.page.onRequest(request -> {
                if (request.url().contains("/sign-in/return")) returns.add(request.url());
            });
            goThrough(ann, "ann");
            isAtTheQueue(ann, "ann");
        }
        assertEquals(1, returns.size(), returns.toString());
        try (Person thief = browser.person()) {
            thief.page.navigate(returns.getFirst());
            assertThat(thief.page.getByRole(AriaRole.ALERT)).containsText("did not go from here");

            // The same code, brought by a browser that went there itself: the provider has had it.
            var left = thief.page
                    .request()
                    .get(
                            url + "/console/sign-in/issuer",
                            com.microsoft.playwright.options.RequestOptions.create()
                                    .setMaxRedirects(0));
            String state = Traveller.query(left.headers().get("location")).get("state");
            thief.page.navigate(returns.getFirst().replaceAll("state=[^&]*", "state=" + state));
            assertThat(thief.page.getByRole(AriaRole.ALERT)).containsText("does not take the code that came back");
            thief.page.navigate(url + "/console/approvals");
            assertThat(thief.page.locator("h1")).hasText("Sign in");
        }
        assertTrue(returns.getFirst().contains("code="));
    }
}
