package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How the guard itself is, as every operator sees it.
class HealthPagesSpec {
    @Test
    void what_is_well_and_what_needs_a_hand(@TempDir Path directory) throws Exception {
        try (Browser browser = Browser.start();
                Served served = Served.in(directory);
                Person ann = browser.person().signIn(served.sidecar.url().toString(), Served.ANN)) {
            served.propose(Served.CODER, "crm.get", "{}");
            String url = served.sidecar.url() + "/console/health";
            ann.page.navigate(url);
            assertThat(ann.page.locator("h1")).containsText("All is well");
            assertThat(ann.page.locator("main")).containsText("A decision, until it is journaled");
            assertThat(ann.page.locator("main")).containsText("Nobody is told when a call waits");
            Hostile.isClean(ann);
            Served.write(directory.resolve("policies/rules.yaml"), "nothing: here\n");
            served.reload();
            ann.page.navigate(url);
            assertThat(ann.page.locator("h1")).containsText("Needs a hand");
            assertThat(ann.page.locator("main")).containsText("the last good version stays");
            Hostile.isClean(ann);
        }
    }
}
