package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.proof.Ed25519Verifier;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.proof.TlogProof;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.wiring.Served;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log as auditors see it: searched, counted, proven, taken away.
class AuditPagesSpec {
    private static Served served;
    private static Browser browser;
    private static String url;
    private static long planted;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        served = Served.in(directory);
        url = served.sidecar.url().toString();
        for (String tool : List.of("crm.get", "crm.get", "crm.drop", "crm.pay", "crm.mail"))
            served.propose(Served.CODER, tool, "{}");
        planted = served.journal().store().size();
        served.journal()
                .commit(new Draft()
                        .entry(new Entry.ToolSeen(
                                served.journal().now(),
                                ToolName.parse("crm.get"),
                                Sha256.of(new byte[0]),
                                "accepted",
                                Hostile.TEXT)));
    }

    @AfterAll
    static void stop() throws Exception {
        if (served != null) served.close();
        if (browser != null) browser.close();
    }

    private static Visitor sam() {
        return new Visitor(served).signIn(Served.SAM);
    }

    private static String found(String search) {
        var answer = sam().get("/console/audit?q=" + URLEncoder.encode(search, StandardCharsets.UTF_8));
        assertEquals(200, answer.status(), answer.text());
        return answer.text();
    }

    private static long count(String search) {
        return Pattern.compile("aria-label=\"Entry ")
                .matcher(found(search))
                .results()
                .count();
    }

    @Test
    void auditors_find_in_it_and_approvers_are_not_let_in() {
        assertEquals(200, sam().get("/console/audit").status());
        for (String path :
                List.of("/console/audit", "/console/audit/0", "/console/audit/0/proof", "/console/audit/export"))
            assertEquals(403, new Visitor(served).signIn(Served.ANN).get(path).status(), path);
        assertFalse(new Visitor(served)
                .signIn(Served.ANN)
                .get("/console/approvals")
                .text()
                .contains("/console/audit"));
    }

    @Test
    void a_search_is_its_address() {
        assertEquals(1, count("effect:deny"));
        assertEquals(2, count("tool:crm.get kind:decided"));
        assertEquals(2, count("effect:deny,require_approval"));
        assertEquals(3, count("kind:decided -effect:allow"));
        assertEquals(5, count("tool:crm.* kind:decided"));
        assertEquals(0, count("tool:\"crm.*\" kind:decided"), "a star in quotes is a star");
        assertEquals(1, count("rule:deny-drop"));
        assertEquals(5, count("kind:decided age:<1h"));
        assertEquals(0, count("kind:decided age:>1h"));
        assertEquals(0, count("kind:decided at:<2020-01-01"));
        assertEquals(2, count("seq:<2"));
    }

    @Test
    void an_id_alone_finds_what_is_said_of_it() {
        String call = served.propose(Served.CODER, "crm.get", "{\"id\":7}").text("callId");
        assertTrue(count(call) >= 1);
        assertEquals(0, count(call + "0"));
    }

    @Test
    void a_fault_is_shown_where_it_is() {
        for (var fault : List.of(
                List.of("tool:crm.get efect:deny", "             ^", "`efect` is no field"),
                List.of("nonsense", "^", "write a field, a colon and a value"),
                List.of("tool:", "     ^", "a value belongs here"),
                List.of("by:\"ann", "   ^", "this quote is not closed"),
                List.of("age:1h", "    ^", "this field is compared"),
                List.of("age:<soon", "     ^", "a span of time belongs here"))) {
            var answer = sam().get("/console/audit?q=" + URLEncoder.encode(fault.get(0), StandardCharsets.UTF_8));
            assertEquals(400, answer.status());
            assertTrue(answer.text().contains("\n" + fault.get(1) + "</pre>"), fault.get(0) + answer.text());
            assertTrue(answer.text().contains(fault.get(2)), fault.get(2));
        }
    }

    @Test
    void a_proof_is_worked_out_and_can_be_taken_away() {
        String page = sam().get("/console/audit/0").text();
        assertTrue(page.contains("Verified"), page);
        assertFalse(page.contains("Not verified"));
        byte[] file = sam().get("/console/audit/0/proof").text().getBytes(StandardCharsets.UTF_8);
        var checkpoint = served.send(
                Served.SAM, "GET", "/v1/audit/checkpoint", "", java.util.Map.of("Accept", "application/json"));
        var key = Ed25519Verifier.parse(checkpoint.text("vkey"));
        byte[] entry = read(0);
        assertTrue(TlogProof.parse(file)
                .verify(MerkleTree.leafHash(entry), key.name(), List.of(key))
                .isPresent());
        assertFalse(TlogProof.parse(file)
                .verify(MerkleTree.leafHash(read(1)), key.name(), List.of(key))
                .isPresent());
        assertEquals(404, sam().get("/console/audit/999999").status());
        assertEquals(400, sam().get("/console/audit/none").status());
    }

    private static byte[] read(long seq) {
        try {
            return served.journal().store().read(seq, seq + 1).getFirst();
        } catch (java.io.IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    @Test
    void what_is_found_is_taken_away_as_lines_or_as_a_table() {
        var lines = sam().get("/console/audit/export?format=jsonl&q=effect:deny");
        assertEquals(1, lines.text().lines().count());
        assertTrue(lines.headers().get("content-disposition").contains("attachment"));
        var all = sam().get("/console/audit/export?format=jsonl").text();
        assertTrue(served.get(Served.SAM, "/v1/audit/export").text().startsWith(all));
        var table = sam().get("/console/audit/export?format=csv&q=kind:decided").text();
        assertTrue(table.startsWith("log,seq,at,kind,"));
        assertTrue(table.contains(",deny,denied,"), table);
        assertEquals(400, sam().get("/console/audit/export?format=xml").status());
    }

    @Test
    void in_a_browser_it_is_searched_refined_and_read() {
        try (Person sam = browser.person().signIn(url, Served.SAM)) {
            sam.page.navigate(url + "/console/audit");
            assertThat(sam.page.locator(".histogram rect").first()).isAttached();
            Hostile.isText(sam);
            Hostile.isClean(sam);
            sam.page
                    .locator(".facets a")
                    .getByText("deny", new com.microsoft.playwright.Locator.GetByTextOptions().setExact(true))
                    .click();
            assertThat(sam.page).hasURL(Pattern.compile(".*q=effect%3Adeny"));
            assertThat(sam.page.locator("tbody tr")).hasCount(1);
            sam.page.locator("#q").fill("agent:nobody");
            sam.page.keyboard().press("Enter");
            assertThat(sam.page.locator(".empty")).containsText("Nothing is found");
            Hostile.isClean(sam);
            sam.page.navigate(url + "/console/audit?q=efect:deny");
            assertThat(sam.page.locator("#fault")).containsText("is no field");
            Hostile.isClean(sam);
            sam.page.navigate(url + "/console/audit/" + planted);
            Hostile.isText(sam);
            Hostile.isClean(sam);
        }
    }

    @Test
    void without_script_it_is_complete() {
        try (Person sam = browser.withoutScript().signIn(url, Served.SAM)) {
            sam.page.navigate(url + "/console/audit");
            sam.page.locator("#q").fill("effect:deny");
            sam.page.locator("main form button").click();
            sam.page.locator("tbody a").click();
            assertThat(sam.page.locator("h1")).containsText("Entry");
            assertThat(sam.page.locator("main")).containsText("Verified");
        }
    }
}
