package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Status;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What agents and servers get into the log, on the pages that show the log: names of tools and agents, faults, and the
/// words that a tool's failure came with. All of it is text, also where it is a link's name or an address's part.
class HostileRecordsSpec {
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

    /// Proposes a call of a tool of that name, as any agent can.
    private static JsonObject proposed(String tool) {
        var body = JsonObject.with("tool", "crm." + tool)
                .with("arguments", JsonObject.with("text", tool).build())
                .with("reason", tool)
                .build();
        var answer = served.post(Served.CODER, "/v1/calls", body.toString());
        assertEquals("denied", answer.text("state"), answer.text());
        return answer.json();
    }

    private static String search(String words) {
        return url + "/console/audit?q=" + URLEncoder.encode(words, StandardCharsets.UTF_8);
    }

    /// Whatever a page asks for by itself that it should not.
    private static List<String> watched(Person person) {
        var asked = new ArrayList<String>();
        person.page.onRequest(request -> {
            boolean ours = request.url().startsWith(url + "/console");
            boolean reads = request.method().equals("GET") || request.url().endsWith("/sign-in");
            if (!ours || !reads) asked.add(request.method() + " " + request.url());
        });
        return asked;
    }

    @TestFactory
    List<DynamicTest> a_tool_by_any_name_is_text_in_rows_facets_entries_and_sessions() {
        return Hostile.MARKUP.stream()
                .filter(text -> text.chars().noneMatch(Character::isISOControl))
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    var call = proposed(text);
                    long seq = call.object("auditEntry")
                            .orElseThrow()
                            .integer("seq")
                            .orElseThrow();
                    String session = call.text("session").orElseThrow();
                    try (Person sam = browser.person()) {
                        List<String> asked = watched(sam);
                        sam.signIn(url, Served.SAM);
                        for (String page : List.of(
                                search("seq:>=" + seq),
                                url + "/console/audit/" + seq,
                                url + "/console/sessions/" + session,
                                url + "/console/sessions/" + session + "?entry=" + seq)) {
                            sam.page.navigate(page);
                            Hostile.isHarmless(sam.page);
                            String shown = sam.page.locator("main").innerText();
                            for (String word : text.strip().split("\\s+"))
                                assertTrue(shown.contains(word), word + " in " + shown);
                        }
                        sam.page.navigate(search("seq:>=" + seq));
                        sam.page.locator(".facets a:has-text('crm.')").first().click();
                        assertThat(sam.page.locator("tbody tr")).hasCount(1);
                        assertThat(sam.page.locator("tbody a")).hasText(String.valueOf(seq));
                        Hostile.isHarmless(sam.page);
                        assertEquals(List.of(), asked);
                        assertEquals(List.of(), sam.complaints);
                    }
                }))
                .toList();
    }

    @Test
    void agents_tools_and_faults_with_hidden_characters_are_marked_wherever_the_log_is_shown() throws Exception {
        String session = proposed("first").text("session").orElseThrow();
        long seq = served.journal().store().size();
        served.journal()
                .commit(new Draft()
                        .entry(new Entry.Executed(
                                served.journal().now(),
                                new CallId("call_planted"),
                                new SessionId(session),
                                Hostile.TEXT,
                                new ToolName("crm", Hostile.TEXT),
                                Status.FAILED,
                                "agent",
                                Hostile.TEXT,
                                Optional.empty())));
        try (Person sam = browser.person()) {
            List<String> asked = watched(sam);
            sam.signIn(url, Served.SAM);
            for (String page : List.of(
                    search("seq:>=" + seq),
                    url + "/console/audit/" + seq,
                    url + "/console/sessions/" + session,
                    url + "/console/sessions/" + session + "?entry=" + seq)) {
                sam.page.navigate(page);
                Hostile.isText(sam);
                Hostile.isHarmless(sam.page);
                Hostile.isClean(sam);
            }
            sam.page.navigate(search("seq:>=" + seq + " seq:<=" + seq));
            for (String field : List.of("Agent", "Tool")) {
                var facet = sam.page.locator(".facets .body:has(h2:text-is('" + field + "'))");
                assertThat(facet.locator(".chip")).hasText(new String[] {"U+202E", "U+200B"});
                facet.locator("a").click();
                assertThat(sam.page.locator(".facets a[aria-current]").first()).isVisible();
                assertThat(sam.page.locator("tbody tr")).hasCount(1);
                Hostile.isText(sam);
            }
            Hostile.isClean(sam);
            assertEquals(List.of(), asked);
        }
    }

    @Test
    void the_words_of_a_failure_are_text_to_whoever_looks_behind_them() {
        var call = served.propose(Served.CODER, "crm.get", "{\"id\":41}");
        String id = call.text("callId");
        var failure = "{\"ok\":false,\"error\":\"" + Hostile.JSON + "\"}";
        assertEquals(
                200,
                served.post(Served.CODER, "/v1/calls/" + id + "/result", failure)
                        .status());
        try (Person sam = browser.person().signIn(url, Served.SAM)) {
            sam.page.navigate(search("call:" + id + " kind:executed"));
            assertThat(sam.page.locator("tbody")).containsText("failed");
            sam.page.locator("tbody a").click();
            sam.page.getByText("Show what lies behind it").click();
            sam.page.getByLabel("Why you look").fill("CHG-2: what did it say?");
            List<String> asked = watched(sam);
            sam.page.getByText("Show it").last().click();
            assertThat(sam.page.locator("main")).containsText("you looked, and the log says so");
            Hostile.isText(sam);
            Hostile.isHarmless(sam.page);
            assertEquals(1, asked.size(), "the look alone was sent: " + asked);
            Hostile.isClean(sam);
        }
    }

    @Test
    void a_name_with_hidden_characters_is_marked_in_what_came_before_a_request() {
        proposed("\u202Egnp.exe\u200B" + Hostile.MARKUP.getFirst());
        String approval = served.propose(Served.CODER, "crm.pay", "{\"amount\":77}")
                .json()
                .object("approval")
                .orElseThrow()
                .text("id")
                .orElseThrow();
        try (Person ann = browser.person().signIn(url, Served.ANN)) {
            ann.page.navigate(url + "/console/approvals/" + approval);
            assertThat(ann.page.locator(".steps .chip").first()).hasText("U+202E");
            assertTrue(!ann.page.locator("main").textContent().contains("\u202E"), "no line turns around");
            Hostile.isHarmless(ann.page);
            Hostile.isClean(ann);
        }
    }

    @Test
    void an_element_that_posts_and_a_script_that_got_into_the_log_s_page_do_nothing_there() {
        String stops = served.get(Served.ROOT, "/v1/stop").get("items").toString();
        try (Person sam = browser.person().signIn(url, Served.ROOT)) {
            List<String> asked = watched(sam);
            sam.page.route("**/console/audit", route -> {
                var real = route.fetch();
                String planted =
                        "<div hx-post=\"/console/stop\" hx-trigger=\"load\" hx-vals='{\"scope\":\"all\"}'>x</div>"
                                + "<script>document.title='taken'</script></main>";
                route.fulfill(new com.microsoft.playwright.Route.FulfillOptions()
                        .setResponse(real)
                        .setBody(real.text().replace("</main>", planted)));
            });
            sam.page.navigate(url + "/console/audit");
            assertThat(sam.page.locator("[hx-post]")).hasCount(1);
            assertThat(sam.page.locator("[data-live=state]")).hasText("Live");
            assertTrue(!sam.page.title().contains("taken"), "no script of a page's text runs");
            assertEquals(List.of(), asked);
            assertTrue(
                    sam.complaints.stream().anyMatch(each -> each.contains("Content Security Policy")),
                    "" + sam.complaints);
        }
        assertEquals(stops, served.get(Served.ROOT, "/v1/stop").get("items").toString());
    }
}
