package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Standing;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The catalogue, and accepting what a server changed in it.
class ToolsPagesSpec {
    private static Served served;
    private static Browser browser;
    private static String url;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        served = Served.in(
                directory, "crm: {caller: true}", "crm: {caller: true}\n  far: {url: \"http://127.0.0.1:9/mcp\"}");
        url = served.sidecar.url().toString();
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (browser != null) browser.close();
    }

    /// A tool of the far server that was accepted once, and is another one now.
    private static ToolName changed(String name) {
        Pins pins = served.sidecar.assembly().pins();
        pins.seen("far", List.of(definition(name, "Reads mail.")));
        pins.seen("far", List.of(definition(name, "Reads mail. " + Hostile.TEXT)));
        assertEquals(Standing.State.QUARANTINED, state(name));
        return new ToolName("far", name);
    }

    private static Standing.State state(String name) {
        return served.sidecar
                .assembly()
                .pins()
                .state(new ToolName("far", name))
                .orElseThrow()
                .state();
    }

    private static JsonObject definition(String name, String description) {
        return JsonObject.with("name", name)
                .with("description", description)
                .with("inputSchema", JsonObject.with("type", "object").build())
                .build();
    }

    @Test
    void every_operator_sees_which_rules_look_at_a_tool_and_who_approves() {
        try (Person ann = browser.person().signIn(url, Served.ANN)) {
            ann.page.navigate(url + "/console/tools");
            var row = ann.page
                    .locator("tr")
                    .filter(new com.microsoft.playwright.Locator.FilterOptions().setHasText("hold-pay"));
            assertThat(row).containsText("pay");
            assertThat(row).containsText("Pinned");
            assertThat(row).containsText("role:approver");
            Hostile.isClean(ann);
        }
    }

    @Test
    void a_changed_tool_is_accepted_by_an_admin_who_sees_what_changed() {
        ToolName tool = changed("read");
        try (Person root = browser.person().signIn(url, Served.ROOT)) {
            root.page.navigate(url + "/console/tools");
            assertThat(root.page.locator("main")).containsText("its definition changed");
            Hostile.isText(root);
            Hostile.isClean(root);
            root.page.getByText("Accept this definition").click();
            assertThat(root.page.locator("main [role=status]")).containsText("Accepted");
            assertEquals(Standing.State.PINNED, state(tool.name()));
        }
    }

    @Test
    void nobody_else_accepts_and_no_other_definition() {
        ToolName tool = changed("write");
        var ann = new Visitor(served).signIn(Served.ANN);
        assertFalse(ann.get("/console/tools").text().contains("/accept"));
        String digest = served.sidecar
                .assembly()
                .pins()
                .state(tool)
                .orElseThrow()
                .offered()
                .orElseThrow()
                .toString();
        String path = "/console/tools/" + tool + "/accept";
        var form = ann.form();
        form.put("digest", digest);
        assertEquals(403, ann.post(path, form).status());
        var root = new Visitor(served).signIn(Served.ROOT);
        var other = root.form();
        other.put("digest", "sha256:" + "0".repeat(64));
        assertEquals(409, root.post(path, other).status());
        var forged = root.form();
        forged.put("digest", digest);
        forged.put("csrf", "none");
        assertEquals(403, root.post(path, forged).status());
        assertEquals(Standing.State.QUARANTINED, state(tool.name()));
        var right = root.form();
        right.put("digest", digest);
        assertEquals(303, root.post(path, right).status());
        assertEquals(Standing.State.PINNED, state(tool.name()));
        assertTrue(root.get("/console/audit?q=kind:tool_seen%20by:root").text().contains("accepted"));
    }
}
