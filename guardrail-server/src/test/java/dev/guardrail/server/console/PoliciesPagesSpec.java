package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The rules in force as auditors see them, and files that were refused.
class PoliciesPagesSpec {
    private static Served served;
    private static Browser browser;
    private static Path rules;
    private static String url;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        served = Served.in(directory);
        url = served.sidecar.url().toString();
        rules = directory.resolve("policies/rules.yaml");
        for (String tool : java.util.List.of("crm.drop", "crm.drop", "crm.get"))
            served.propose(Served.CODER, tool, "{}");
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (browser != null) browser.close();
    }

    @Test
    void where_rules_stand_is_for_auditors_and_admins() {
        assertEquals(
                200,
                new Visitor(served).signIn(Served.SAM).get("/console/policies").status());
        assertEquals(
                200,
                new Visitor(served).signIn(Served.ROOT).get("/console/policies").status());
        assertEquals(
                403,
                new Visitor(served).signIn(Served.ANN).get("/console/policies").status());
    }

    @Test
    void each_rule_with_its_place_and_what_it_decided() {
        try (Person sam = browser.person().signIn(url, Served.SAM)) {
            sam.page.navigate(url + "/console/policies");
            var row = sam.page
                    .locator("tr")
                    .filter(new com.microsoft.playwright.Locator.FilterOptions().setHasText("deny-drop"));
            assertThat(row).containsText("Denied");
            assertThat(row).containsText("tools: crm.drop");
            assertThat(row).containsText("rules.yaml:7");
            assertThat(row.locator("td").last()).containsText("2");
            Hostile.isClean(sam);
            row.locator("a[href^='#file']").click();
            assertThat(sam.page.locator("li:target")).containsText("id: deny-drop");
            row.locator("a[href^='/console/audit']").click();
            assertThat(sam.page.locator("tbody tr")).hasCount(2);
        }
    }

    @Test
    void a_refused_file_is_told_and_the_last_good_version_stays() throws Exception {
        var sam = new Visitor(served).signIn(Served.SAM);
        String before = sam.get("/console/policies").text();
        assertFalse(before.contains("and refused"));
        Served.write(
                rules,
                Served.RULES.replace("effect: allow}", "efect: \"" + Hostile.JSON.replace("\\", "\\\\") + "\"}"));
        served.reload();
        try (Person person = browser.person().signIn(url, Served.SAM)) {
            person.page.navigate(url + "/console/policies");
            assertThat(person.page.locator("main")).containsText("The files were changed, and refused");
            assertThat(person.page.locator("main")).containsText("unknown-key");
            assertEquals(0, person.page.locator("img, main script, [hx-post]").count());
            Hostile.isClean(person);
        } finally {
            Served.write(rules, Served.RULES);
            served.reload();
        }
        assertTrue(sam.get("/console/policies").text().contains("deny-drop"));
        assertFalse(sam.get("/console/policies").text().contains("and refused"));
    }
}
