package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every page of the console, full, empty and with a fault: nobody is kept out of it in light, in dark and at 390 px,
/// and without script it is there. A page without an entry here fails.
class EveryPageSpec {
    /// What is no page.
    private static final List<String> OTHERS =
            List.of("/console/events", "/console/audit/{number}/proof", "/console/audit/export");

    private static Map<String, List<String>> pages;
    private static Shop shop;
    private static Browser browser;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        shop = new Shop(directory);
        String one = shop.note("to be read");
        String two = shop.note("to be read, too");
        shop.refund(600);
        assertEquals(200, shop.deny(Shop.BOB, shop.note("denied"), "Not today.").status());
        String remembered = shop.note("again and again");
        assertEquals(
                200,
                shop.approve(Shop.BOB, remembered, ",\"scope\":{\"for\":\"8h\",\"calls\":3,\"vary\":[\"text\"]}")
                        .status());
        shop.served.post(Shop.ROOT, "/v1/stop", "{\"scope\":\"agent\",\"id\":\"other\",\"reason\":\"drill\"}");
        String session = shop.served
                .get(
                        Served.CODER,
                        "/v1/calls/" + shop.approval(one).text("callId").orElseThrow())
                .json()
                .text("session")
                .orElseThrow();
        String queue = "/console/approvals";
        String audit = "/console/audit";
        pages = Map.ofEntries(
                Map.entry("/console", List.of("")),
                Map.entry(
                        queue, List.of("?tab=me", "?tab=all&alike=yes", "?tab=decided", "?q=agent:nobody", "?q=oops:")),
                Map.entry(queue + "/quality", List.of("")),
                Map.entry(queue + "/batch", List.of("?id=" + one + "&id=" + two)),
                Map.entry(queue + "/{id}", List.of("/" + one, "/" + remembered, "/apr_none")),
                Map.entry("/console/grants", List.of("")),
                Map.entry("/console/stop", List.of("")),
                Map.entry(audit, List.of("", "?q=agent:nobody", "?q=effect:", "?q=args.text:x")),
                Map.entry(audit + "/{number}", List.of("/0", "/9", "/999999")),
                Map.entry("/console/policies", List.of("")),
                Map.entry("/console/tools", List.of("")),
                Map.entry("/console/sessions", List.of("", "?tab=ended")),
                Map.entry("/console/sessions/{id}", List.of("/" + session, "/ses_none")),
                Map.entry("/console/undo", List.of("", "?before=1")),
                Map.entry("/console/undo/{id}", List.of("/" + session, "/ses_none")),
                Map.entry("/console/undo/runs/{run}", List.of("/run_none")),
                Map.entry("/console/health", List.of("")));
    }

    @AfterAll
    static void stop() throws Exception {
        if (shop != null) shop.close();
        if (browser != null) browser.close();
    }

    private static Stream<String> routes() {
        return Ways.TABLE.keySet().stream()
                .filter(route -> route.startsWith("GET "))
                .map(route -> route.substring("GET ".length()))
                .filter(route -> !OTHERS.contains(route));
    }

    private static List<String> addresses() {
        return pages.entrySet().stream()
                .flatMap(page ->
                        page.getValue().stream().map(rest -> page.getKey().replaceFirst("/\\{[a-z]+}$", "") + rest))
                .sorted()
                .toList();
    }

    @Test
    void none_is_forgotten() {
        assertEquals(routes().collect(Collectors.toCollection(TreeSet::new)), new TreeSet<>(pages.keySet()));
    }

    @Test
    void nobody_is_kept_out_in_light_in_dark_and_on_a_narrow_screen() {
        for (String key : List.of(Shop.BOB, Served.ROOT))
            try (Person person = browser.person().signIn(shop.url, key)) {
                for (String address : addresses()) {
                    if (key.equals(Served.ROOT) && address.contains("/batch")) continue; // an admin has no vote
                    person.page.navigate(shop.url + address);
                    assertThat(person.page.locator("h1").first()).isVisible();
                    Hostile.isClean(person);
                }
            }
    }

    @Test
    void without_script_each_is_there_and_none_waits_for_one() {
        try (Person bob = browser.withoutScript().signIn(shop.url, Shop.BOB)) {
            for (String address : addresses()) {
                bob.page.navigate(shop.url + address);
                assertThat(bob.page.locator("main h1").first()).isVisible();
                assertThat(bob.page.locator("main [aria-busy=true]")).hasCount(0);
            }
        }
    }
}
