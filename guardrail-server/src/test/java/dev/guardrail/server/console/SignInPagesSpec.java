package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.options.ColorScheme;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Signing in and the frame around every page, in a browser.
class SignInPagesSpec {
    private static Served served;
    private static Browser browser;
    private static String url;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        served = Served.in(directory);
        url = served.sidecar.url().toString();
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (browser != null) browser.close();
    }

    private static void isClean(Person person) {
        assertEquals(List.of(), person.complaints);
        assertEquals(List.of(), Browser.barriers(person.page));
    }

    @Test
    void with_a_key_typed_in() {
        try (Person ann = browser.person()) {
            ann.page.navigate(url + "/console/approvals?tab=all");
            isClean(ann);
            ann.page.getByLabel("Your operator's key").fill(Served.CODER);
            ann.page.keyboard().press("Enter");
            assertThat(ann.page.getByRole(com.microsoft.playwright.options.AriaRole.ALERT))
                    .containsText("Agents and hosts never decide");
            isClean(ann);
            ann.page.getByLabel("Your operator's key").fill(Served.ANN);
            ann.page.keyboard().press("Enter");
            assertThat(ann.page).hasURL(Pattern.compile(".*/console/approvals\\?tab=all"));
            assertThat(ann.page.locator("h1")).hasText("Approvals");
            assertTrue(ann.page.content().contains("ann"));
        }
    }

    @Test
    void with_a_link_of_the_command() {
        try (Person root = browser.person()) {
            root.page.navigate(served.post(Served.ROOT, "/v1/console/links", "").text("url"));
            isClean(root);
            root.page.keyboard().press("Enter");
            assertThat(root.page.locator("h1")).hasText("Approvals");
            root.page.getByTitle("Sign out").click();
            assertThat(root.page.locator("h1")).hasText("Sign in");
            root.page.goBack();
            root.page.reload();
            assertThat(root.page.locator("h1")).hasText("Sign in");
        }
    }

    @Test
    void from_another_site_a_visitor_comes_to_the_page_and_is_not_asked_again() {
        try (Person ann = browser.person().signIn(url, Served.ANN)) {
            ann.page.route(
                    "https://mail.example/",
                    route -> route.fulfill(new com.microsoft.playwright.Route.FulfillOptions()
                            .setContentType("text/html")
                            .setBody("<a href='" + url + "/console/approvals?tab=decided'>Approval needed</a>")));
            ann.page.navigate("https://mail.example/");
            ann.page.getByText("Approval needed").click();
            assertThat(ann.page).hasURL(Pattern.compile(".*/console/approvals\\?tab=decided"));
            assertThat(ann.page.locator("h1")).hasText("Approvals");
        }
    }

    @Test
    void light_and_dark_are_the_systems_until_somebody_chooses() {
        try (Person ann = browser.person().signIn(url, Served.ANN)) {
            ann.page.emulateMedia(
                    new com.microsoft.playwright.Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
            String light = ground(ann);
            ann.page.emulateMedia(
                    new com.microsoft.playwright.Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            String dark = ground(ann);
            assertTrue(!light.equals(dark), light);
            isClean(ann);
            ann.page
                    .getByTitle("Light", new com.microsoft.playwright.Page.GetByTitleOptions().setExact(true))
                    .click();
            ann.page.waitForURL("**/console/approvals*");
            assertEquals(light, ground(ann));
            ann.page.reload();
            assertEquals(light, ground(ann), "it is remembered");
            isClean(ann);
            ann.page.getByTitle("As the system").click();
            assertEquals(dark, ground(ann));
        }
    }

    private static String ground(Person person) {
        return person.page
                .evaluate("getComputedStyle(document.body).backgroundColor")
                .toString();
    }

    @Test
    void on_a_telephone_nothing_is_wider_than_the_screen() {
        try (Person ann = browser.onTelephone().signIn(url, Served.ANN)) {
            assertEquals(390, ann.page.evaluate("document.documentElement.scrollWidth"));
            isClean(ann);
        }
    }
}
