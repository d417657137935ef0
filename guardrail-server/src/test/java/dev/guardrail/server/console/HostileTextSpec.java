package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Glyph;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.sheet.Deception;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What agents write, on pages: nothing of it hides, moves, runs, loads, links or posts, and all of it can be read.
class HostileTextSpec {
    private static Shop shop;
    private static Browser browser;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        shop = new Shop(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        if (shop != null) shop.close();
        if (browser != null) browser.close();
    }

    /// Lines of the shared corpus, and those beside it.
    @TestFactory
    Stream<DynamicTest> every_line_of_the_corpus_is_shown_without_a_character_that_is_not_seen() throws Exception {
        var ann = new Visitor(shop.served).signIn(Shop.ANN);
        return Deception.all().stream()
                .map(line -> DynamicTest.dynamicTest(line.name(), () -> {
                    // A longer name is refused before anybody sees it.
                    String name = line.text().length() <= 250 ? line.text() : "name";
                    String id = shop.hold(
                            "crm.note",
                            JsonObject.with("text", line.text()).with(name, 1).build(),
                            line.text());
                    String page =
                            ann.get("/console/approvals/" + id + "?open=all").text();
                    isVisible(page);
                    isVisible(ann.get("/console/approvals").text());
                    isVisible(ann.get("/console/approvals/" + id).text());
                    String text = page.replaceAll("<[^>]*>", "")
                            .replace("&lt;", "<")
                            .replace("&gt;", ">")
                            .replace("&#34;", "\"")
                            .replace("&#39;", "'")
                            .replace("&amp;", "&");
                    assertTrue(text.contains(line.danger()), line.danger() + " in " + text);
                    if (!line.looks().isEmpty()) assertTrue(text.contains(line.looks()), line.looks() + " in " + text);
                    shop.giveUp(id);
                }));
    }

    private static void isVisible(String page) {
        page.codePoints().filter(point -> point != '\n').forEach(point -> {
            var glyph = Glyph.of(point);
            assertTrue(
                    glyph == Glyph.DRAWN || glyph == Glyph.COMBINING || point == ' ',
                    () -> "U+%04X on the page".formatted(point));
        });
    }

    /// Everything that an agent writes: names and values of arguments, its reason, and its answer.
    private static String held(String text) {
        String id = shop.hold(
                "crm.note",
                JsonObject.with("text", text)
                        .with(text, JsonObject.with(text, text).build())
                        .build(),
                text);
        var ann = new Visitor(shop.served).signIn(Shop.ANN);
        var ask = ann.form("/console/approvals/" + id, "/console/approvals/" + id + "/ask");
        ask.put("question", "Why?");
        assertEquals(303, ann.post("/console/approvals/" + id + "/ask", ask).status());
        String call = shop.approval(id).text("callId").orElseThrow();
        var answer = JsonObject.with("text", text).build().toString();
        assertEquals(
                202,
                shop.served
                        .post(Served.CODER, "/v1/calls/" + call + "/answer", answer)
                        .status());
        return id;
    }

    @TestFactory
    Stream<DynamicTest> nothing_that_an_agent_writes_runs_loads_links_or_posts() {
        return Hostile.MARKUP.stream()
                .map(text -> DynamicTest.dynamicTest(text.strip(), () -> {
                    String id = held(text);
                    try (Person ann = browser.person()) {
                        var asked = new ArrayList<String>();
                        ann.page.onRequest(request -> {
                            boolean ours = request.url().startsWith(shop.url + "/console");
                            boolean reads = request.method().equals("GET")
                                    || request.url().endsWith("/sign-in");
                            if (!ours || !reads) asked.add(request.method() + " " + request.url());
                        });
                        ann.signIn(shop.url, Shop.ANN);
                        assertThat(ann.page.locator("[data-live=state]")).hasText("Live");
                        Hostile.isHarmless(ann.page);
                        ann.page.navigate(shop.page(id) + "?open=all");
                        assertThat(ann.page.locator("[data-live=state]")).hasText("Live");
                        Hostile.isHarmless(ann.page);
                        String shown = ann.page.locator("#arguments").innerText();
                        for (String word : text.strip().split("\\s+"))
                            assertTrue(shown.contains(word), word + " in " + shown);
                        assertEquals(List.of(), asked);
                        assertEquals(List.of(), ann.complaints);
                    }
                    assertEquals("pending", shop.state(id));
                    shop.giveUp(id);
                }));
    }

    @Test
    void an_event_carries_markup_and_nothing_that_decides() {
        try (Person ann = browser.person().signIn(shop.url, Shop.ANN)) {
            assertThat(ann.page.locator("[data-live=state]")).hasText("Live");
            String id = shop.note("<button hx-post=\"/console/stop\">x</button>" + System.identityHashCode(ann));
            assertThat(ann.page.locator("a.request[href*='" + id + "']")).containsText("hx-post");
            Hostile.isHarmless(ann.page);
            assertEquals(
                    0,
                    ann.page
                            .locator("[data-live=queue] input, [data-live=queue] form")
                            .count());
            assertEquals(List.of(), ann.complaints);
        }
    }

    @Test
    void a_script_that_got_onto_a_page_all_the_same_would_not_run() {
        String id = shop.note("control");
        try (Person ann = browser.person().signIn(shop.url, Shop.ANN)) {
            ann.page.route("**/console/approvals/" + id, route -> {
                var real = route.fetch();
                route.fulfill(new com.microsoft.playwright.Route.FulfillOptions()
                        .setResponse(real)
                        .setBody(real.text().replace("</main>", "<script>document.title='taken'</script></main>")));
            });
            ann.page.navigate(shop.page(id));
            assertFalse(ann.page.title().contains("taken"));
            assertTrue(
                    ann.complaints.stream().anyMatch(each -> each.contains("Content Security Policy")),
                    "" + ann.complaints);
        }
    }
}
