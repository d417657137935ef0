package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions as operators see them, and pausing and ending them.
class SessionsPagesSpec {
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

    /// A session that a host opened, in which something was allowed, denied and held.
    private static String session() {
        var opened = served.post(
                Served.APP,
                "/v1/sessions",
                "{\"agent\":\"bot\",\"user\":\"" + Hostile.JSON + "\",\"task\":\"" + Hostile.JSON + "\"}");
        assertEquals(201, opened.status(), opened.text());
        String id = opened.text("session");
        String said = "{\"role\":\"user\",\"text\":\"" + Hostile.JSON + "\"}";
        assertEquals(
                204,
                served.post(Served.APP, "/v1/sessions/" + id + "/messages", said)
                        .status());
        for (String tool : List.of("crm.get", "crm.drop", "crm.pay"))
            assertTrue(served.propose(opened.text("token"), tool, "{}").status() < 300);
        return id;
    }

    private static String state(String id) {
        return served.get(Served.ROOT, "/v1/sessions/" + id).text("state");
    }

    @Test
    void what_happened_in_it_stands_in_order_and_hostile_words_are_text() {
        String id = session();
        try (Person sam = browser.person().signIn(url, Served.SAM)) {
            sam.page.navigate(url + "/console/sessions");
            Hostile.isText(sam);
            Hostile.isClean(sam);
            sam.page.getByText(id).click();
            assertThat(sam.page.locator("h1")).containsText("Active");
            assertEquals(
                    List.of("Allowed", "Denied", "Held"),
                    sam.page.locator("tbody .badge").allTextContents().stream()
                            .filter(List.of("Allowed", "Denied", "Held")::contains)
                            .toList());
            assertThat(sam.page.locator(".trace rect.wait").first()).isAttached();
            assertThat(sam.page.locator("main")).containsText("as the user's host says");
            Hostile.isText(sam);
            Hostile.isClean(sam);
            sam.page.getByText("request").click();
            assertTrue(sam.page.url().contains("/console/approvals/apr_"), sam.page.url());
        }
    }

    @Test
    void an_admin_pauses_resumes_and_ends_it_and_confirms_each() {
        String id = session();
        try (Person root = browser.withoutScript().signIn(url, Served.ROOT)) {
            root.page.navigate(url + "/console/sessions/" + id);
            root.page.getByText("Pause…").click();
            assertEquals("active", state(id), "nothing is done before it is confirmed");
            root.page.getByText("Yes, pause it").click();
            assertThat(root.page.locator("main [role=status]")).containsText("Paused");
            assertEquals("paused", state(id));
            root.page.getByText("Resume…").click();
            root.page.getByText("Yes, resume it").click();
            assertEquals("active", state(id));
            root.page.getByText("End…").click();
            root.page.getByText("Yes, end it").click();
            assertThat(root.page.locator("h1")).containsText("Ended");
            assertEquals("ended", state(id));
            assertThat(root.page.locator("main")).containsText("Voting on the call ended: cancelled");
        }
        var root = new Visitor(served).signIn(Served.ROOT);
        assertEquals(
                409,
                root.post("/console/sessions/" + id + "/resume", root.form()).status());
    }

    @Test
    void nobody_else_does_and_no_foreign_form() {
        String id = session();
        for (String key : List.of(Served.ANN, Served.SAM)) {
            var visitor = new Visitor(served).signIn(key);
            assertFalse(visitor.get("/console/sessions/" + id).text().contains("?confirm="));
            assertEquals(
                    403,
                    visitor.post("/console/sessions/" + id + "/end", visitor.form())
                            .status());
        }
        var root = new Visitor(served).signIn(Served.ROOT);
        assertEquals(
                403,
                root.post("/console/sessions/" + id + "/end", java.util.Map.of())
                        .status());
        assertEquals("active", state(id));
        assertEquals(404, root.get("/console/sessions/ses_none").status());
        assertEquals(
                303, root.post("/console/sessions/" + id + "/end", root.form()).status());
        assertEquals("ended", state(id));
    }
}
