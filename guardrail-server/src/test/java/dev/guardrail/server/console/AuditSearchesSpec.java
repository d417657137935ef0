package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Searches that look into arguments, for a reason that the log keeps; and searches that are kept by name.
class AuditSearchesSpec {
    private static final String ARGUMENTS = "/console/audit/arguments";
    private static final String KEPT = "/console/audit/searches";

    private static Served served;
    private static Browser browser;
    private static String url;
    private static long end;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        served = Served.in(directory);
        url = served.sidecar.url().toString();
        for (String arguments : List.of(
                "{\"path\":\"/etc/passwd\",\"amount\":40}",
                "{\"path\":\"/tmp/x\",\"amount\":400.5,\"to\":[\"ann@x.example\",\"bob@x.example\"]}",
                "{\"path\":\"/tmp/y\",\"deep\":{\"full name\":\"ann b\",\"on\":true,\"none\":null}}",
                "{\"path\":\"/tmp/" + Served.CODER + "\"}",
                "{}")) served.propose(Served.CODER, "crm.get", arguments);
        end = served.journal().store().size();
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (browser != null) browser.close();
    }

    private static Visitor visitor(String key) {
        return new Visitor(served).signIn(key);
    }

    private static String address(String search) {
        return "/console/audit?q=" + URLEncoder.encode(search, StandardCharsets.UTF_8);
    }

    private static Map<String, String> form(Visitor visitor, String... fields) {
        var form = visitor.form();
        for (int i = 0; i < fields.length; i += 2) form.put(fields[i], fields[i + 1]);
        return form;
    }

    private static long rows(String page) {
        return Pattern.compile("aria-label=\"Entry ").matcher(page).results().count();
    }

    private static long found(Visitor sam, String search) {
        var answer = sam.post(ARGUMENTS, form(sam, "q", search + " seq:<" + end, "reason", "CHG-7"));
        assertEquals(200, answer.status(), answer.text());
        return rows(answer.text());
    }

    private static long looks(Visitor sam) {
        return rows(sam.get(address("kind:revealed")).text());
    }

    @Test
    void entries_are_found_by_their_arguments() {
        var sam = visitor(Served.SAM);
        assertEquals(1, found(sam, "args.path:/etc/passwd"));
        assertEquals(1, found(sam, "args.path:/etc/*"));
        assertEquals(3, found(sam, "args.path:/tmp/*"));
        assertEquals(0, found(sam, "args.path:\"/tmp/*\""), "a star in quotes is a star");
        assertEquals(2, found(sam, "args.path:/etc/passwd,/tmp/x"));
        assertEquals(1, found(sam, "args.amount:>100"));
        assertEquals(2, found(sam, "args.amount:>=40"));
        assertEquals(1, found(sam, "args.amount:<400.5"));
        assertEquals(0, found(sam, "args.path:>1"), "a text is on no side of a number");
        assertEquals(1, found(sam, "args.to:bob@x.example"));
        assertEquals(1, found(sam, "args.deep.\"full name\":\"ann b\""));
        assertEquals(1, found(sam, "args.deep.on:true args.deep.none:null"));
        assertEquals(0, found(sam, "args.deep:*"), "an object is no value");
        assertEquals(1, found(sam, "args.path:/tmp/* -args.to:* -args.deep.on:*"));
        assertEquals(1, found(sam, "tool:crm.get effect:allow args.path:/etc/*"));
        assertEquals(0, found(sam, "effect:deny args.path:/etc/*"));
    }

    @Test
    void what_was_a_secret_is_not_found_for_it_is_not_kept() {
        var sam = visitor(Served.SAM);
        assertEquals(0, found(sam, "args.path:*" + Served.CODER + "*"));
        assertEquals(0, found(sam, "args.path:*grd_*"));
    }

    @Test
    void nothing_is_looked_at_before_somebody_says_why_and_each_look_is_in_the_log() {
        var sam = visitor(Served.SAM);
        String search = "args.path:/tmp/* seq:<" + end;
        long before = looks(sam);
        var asked = sam.get(address(search));
        assertEquals(200, asked.status());
        assertTrue(asked.text().contains("This search looks into arguments"), asked.text());
        assertEquals(0, rows(asked.text()));
        assertEquals(
                400, sam.post(ARGUMENTS, form(sam, "q", search, "reason", " ")).status());
        assertEquals(
                403, sam.post(ARGUMENTS, Map.of("q", search, "reason", "CHG-7")).status(), "no page's form");
        var ann = visitor(Served.ANN);
        assertEquals(
                403,
                ann.post(ARGUMENTS, form(ann, "q", search, "reason", "CHG-7")).status());
        assertEquals(before, looks(sam), "nobody looked");
        assertEquals(
                3,
                rows(sam.post(ARGUMENTS, form(sam, "q", search, "reason", "CHG-7"))
                        .text()));
        assertEquals(before + 3, looks(sam));
        long first = served.propose(Served.CODER, "crm.get", "{\"only\":\"once\"}")
                .json()
                .object("auditEntry")
                .orElseThrow()
                .integer("seq")
                .orElseThrow();
        sam.post(ARGUMENTS, form(sam, "q", "args.only:once", "reason", "CHG-8"));
        assertEquals(
                1, rows(sam.get(address("kind:revealed by:sam entry:" + first)).text()));
        var taken = sam.get("/console/audit/export?format=jsonl&q=args.only:once");
        assertEquals(400, taken.status(), "nobody takes away what was never in the log");
        assertEquals(
                303,
                sam.post(ARGUMENTS, form(sam, "q", "tool:crm.get", "reason", "x"))
                        .status());
    }

    @Test
    void a_fault_is_shown_where_it_is() {
        var sam = visitor(Served.SAM);
        for (var fault : List.of(
                List.of("tool:crm.get args:x", "                 ^", "the name of an argument belongs here"),
                List.of("args.:x", "     ^", "the name of an argument belongs here"),
                List.of("args.path", "         ^", "a colon and a value belong here"),
                List.of("args.path:", "          ^", "a value belongs here"),
                List.of("args.amount:>much", "             ^", "a number belongs here"),
                List.of("args.\"path:x", "     ^", "this quote is not closed"))) {
            var answer = sam.get(address(fault.get(0)));
            assertEquals(400, answer.status());
            assertTrue(answer.text().contains("\n" + fault.get(1) + "</pre>"), fault.get(0) + answer.text());
            assertTrue(answer.text().contains(fault.get(2)), fault.get(2));
        }
    }

    @Test
    void in_a_browser_one_says_why_and_finds() {
        served.propose(Served.CODER, "crm.get", "{\"note\":\"" + Hostile.JSON + "\"}");
        try (Person sam = browser.person().signIn(url, Served.SAM)) {
            sam.page.navigate(url + "/console/audit");
            sam.page.locator("#q").fill("args.note:*onerror*");
            sam.page.keyboard().press("Enter");
            assertThat(sam.page.locator("h2").first()).hasText("This search looks into arguments");
            Hostile.isClean(sam);
            sam.page.getByLabel("Why you look").fill("CHG-9");
            sam.page.keyboard().press("Enter");
            assertThat(sam.page.locator("main .notice[role=status]"))
                    .containsText("the log says so of each of these 1");
            assertThat(sam.page.locator("tbody tr")).hasCount(1);
            assertFalse(sam.page.locator("main tbody").textContent().contains("onerror"), "found, not shown");
            Hostile.isClean(sam);
        }
    }

    @Test
    void a_search_is_kept_by_name_for_one_or_for_all_and_deleted() {
        try (Person sam = browser.withoutScript().signIn(url, Served.SAM);
                Person root = browser.person().signIn(url, Served.ROOT)) {
            keep(sam, "effect:deny", "My denials", false);
            keep(sam, "tool:crm.* age:<1h", "Ours " + Hostile.TEXT.substring(0, 20), true);
            assertThat(kept(sam)).hasCount(2);
            root.page.navigate(url + "/console/audit");
            assertThat(kept(root)).hasCount(1);
            assertThat(kept(root)).containsText(new String[] {"of sam"});
            kept(root).click();
            assertThat(root.page.locator("#q")).hasValue("tool:crm.* age:<1h");
            assertThat(kept(root)).hasAttribute("aria-current", "true");
            root.page.getByText("Keep this search, or delete").click();
            assertThat(root.page.locator("form[action$='/delete']")).hasCount(1);
            Hostile.isHarmless(root.page);
            Hostile.isClean(root);
            root.page.locator("form[action$='/delete'] button").click();
            assertThat(kept(root)).hasCount(0);

            keep(sam, "effect:allow", "My denials", false);
            assertThat(kept(sam)).hasCount(1);
            kept(sam).click();
            assertThat(sam.page.locator("#q")).hasValue("effect:allow");
            sam.page.getByText("Keep this search, or delete").click();
            sam.page.locator("form[action$='/delete'] button").click();
            assertThat(kept(sam)).hasCount(0);
        }
    }

    private static com.microsoft.playwright.Locator kept(Person person) {
        return person.page.locator("nav[aria-label='Kept searches'] a");
    }

    private static void keep(Person person, String search, String name, boolean shared) {
        person.page.navigate(url + address(search));
        person.page.getByText("Keep this search, or delete").click();
        person.page.getByLabel("Name").fill(name);
        if (shared) person.page.getByLabel("For every reader of the log").check();
        person.page.locator("form[action$='/searches'] button").click();
        assertThat(person.page.locator("main .notice[role=status]").first()).containsText("Kept, for");
    }

    @Test
    void nobody_keeps_what_is_no_search_or_deletes_what_is_not_theirs() {
        var sam = visitor(Served.SAM);
        var root = visitor(Served.ROOT);
        assertEquals(
                400, sam.post(KEPT, form(sam, "q", "efect:deny", "name", "x")).status());
        assertEquals(
                400, sam.post(KEPT, form(sam, "q", "effect:deny", "name", " ")).status());
        assertEquals(
                400,
                sam.post(KEPT, form(sam, "q", "effect:deny", "name", "x".repeat(61)))
                        .status());
        assertEquals(
                403, sam.post(KEPT, Map.of("q", "effect:deny", "name", "x")).status());
        var ann = visitor(Served.ANN);
        assertEquals(
                403, ann.post(KEPT, form(ann, "q", "effect:deny", "name", "x")).status());

        assertEquals(
                303,
                root.post(KEPT, form(root, "q", "effect:deny", "name", "root's own"))
                        .status());
        assertEquals(
                303,
                root.post(KEPT, form(root, "q", "effect:deny", "name", "root's", "shared", "yes"))
                        .status());
        String page = root.get("/console/audit").text();
        var ids = Pattern.compile("/searches/(sch_[0-9A-Z]+)/delete")
                .matcher(page)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertEquals(2, ids.size(), page);
        assertFalse(sam.get("/console/audit").text().contains("root&#39;s own"));
        var answers = ids.stream()
                .map(id -> sam.post(KEPT + "/" + id + "/delete", form(sam)).status())
                .sorted()
                .toList();
        assertEquals(List.of(403, 404), answers, "shared by somebody else, and not to be seen");
        for (String id : ids)
            assertEquals(303, root.post(KEPT + "/" + id + "/delete", form(root)).status());
        assertEquals(
                404,
                root.post(KEPT + "/" + ids.getFirst() + "/delete", form(root)).status());
    }

    @Test
    void what_is_kept_is_there_after_a_restart(@TempDir Path directory) throws Exception {
        try (var first = Served.in(directory)) {
            var sam = new Visitor(first).signIn(Served.SAM);
            assertEquals(
                    303,
                    sam.post(KEPT, form(sam, "q", "effect:deny", "name", "lasting"))
                            .status());
        }
        try (var second = Served.in(directory)) {
            assertTrue(new Visitor(second)
                    .signIn(Served.SAM)
                    .get("/console/audit")
                    .text()
                    .contains("lasting"));
        }
    }
}
