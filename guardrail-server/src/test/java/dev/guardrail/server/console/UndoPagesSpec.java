package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.corpus.FilesUpstream;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Taking effects back on the console: the list, a plan that changes nothing, and what came of running it, with the
/// policies of the guide and real files behind an MCP server.
class UndoPagesSpec {
    private static Browser browser;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path files;

    @SuppressWarnings("NullAway.Init") // set before each
    private FilesUpstream upstream;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    @SuppressWarnings("NullAway.Init") // set before each
    private String url;

    @BeforeAll
    static void open() {
        browser = Browser.start();
    }

    @AfterAll
    static void shut() {
        if (browser != null) browser.close();
    }

    @BeforeEach
    void start() throws Exception {
        files = Files.createDirectory(directory.resolve("files"));
        upstream = new FilesUpstream(files);
        served = upstream.guarded(
                Files.createDirectory(directory.resolve("guard")), FilesUpstream.policies("server: files"));
        url = served.sidecar.url().toString();
    }

    @AfterEach
    void end() throws IOException {
        served.close();
        upstream.close();
    }

    private Served.Answer call(String tool, JsonObject arguments) {
        var body = JsonObject.with("tool", "files." + tool)
                .with("arguments", arguments)
                .with("run", "guard")
                .build();
        var answer = served.post(Served.CODER, "/v1/calls", body.toString());
        assertEquals("succeeded", answer.text("state"), answer.text());
        return answer;
    }

    private Served.Answer write(String path, String content) {
        return call(
                "write_file",
                JsonObject.with("path", path).with("content", content).build());
    }

    private String state(Served.Answer call) {
        return served.get(Served.ANN, "/v1/calls/" + call.text("callId")).text("state");
    }

    private void undo(Person person, int calls) {
        person.page.locator("#reason").fill("CHG-7: it worked on the wrong branch");
        person.page.locator("#count").fill(String.valueOf(calls));
        person.page.locator("main .button.danger").click();
    }

    private void assertSound() throws IOException {
        assertEquals(
                Optional.empty(),
                LogAudit.of(HeldLog.of(served.journal().store())).fault());
    }

    @Test
    void a_session_is_planned_and_undone_without_script() throws IOException {
        Files.writeString(files.resolve("a"), "one");
        Files.writeString(files.resolve("b"), "two");
        Map<String, String> before = upstream.state();
        var first = write("a", "changed");
        write("a", "changed again");
        call(
                "move_file",
                JsonObject.with("source", "b").with("destination", "c").build());
        Map<String, String> after = upstream.state();
        String session = first.text("session");
        try (Person ann = browser.withoutScript().signIn(url, Served.ANN)) {
            ann.page.navigate(url + "/console/undo");
            assertThat(ann.page.locator("tbody tr")).hasCount(3);
            assertThat(ann.page.locator("tbody tr").first()).containsText("files.move_file, with source \"b\"");
            assertThat(ann.page.locator("tbody tr").first()).containsText("exact");
            ann.page.locator("tbody tr").first().getByText("session").click();
            assertThat(ann.page.locator("h1")).hasText("Plan to undo");
            assertThat(ann.page.locator("#plan-summary")).hasText("All of 3 can be undone now.");
            assertThat(ann.page.locator(".undo-steps > li").first()).containsText("files.move_file");
            assertThat(ann.page.locator(".undo-steps > li").last()).containsText("After call_");
            assertEquals(after, upstream.state(), "a plan changes nothing");

            undo(ann, 2);
            assertThat(ann.page.locator("#undo-error")).containsText("Type 3");
            assertThat(ann.page.locator("#reason")).hasValue("CHG-7: it worked on the wrong branch");
            assertEquals(after, upstream.state(), "nothing is undone before it is confirmed");

            undo(ann, 3);
            assertThat(ann.page.locator("h1")).hasText("Undoing");
            while (!ann.page.locator("#run-summary").textContent().contains("All of it")) ann.page.reload();
            assertThat(ann.page.locator("#run-summary")).containsText("All of it is undone: 3 of 3.");
            assertThat(ann.page.locator(".undo-steps .badge")).hasText(new String[] {"Undone", "Undone", "Undone"});
            assertEquals(before, upstream.state());
            ann.page.navigate(url + "/console/undo");
            assertThat(ann.page.locator("main")).containsText("Nothing here can be taken back.");
        }
        assertEquals("undone", state(first));
        assertSound();
        assertTrue(session.startsWith("ses_"), session);
    }

    @Test
    void a_foreign_change_is_left_alone_and_the_rest_is_undone() throws IOException {
        Files.writeString(files.resolve("a"), "old");
        Files.writeString(files.resolve("b"), "old");
        var one = write("a", "new");
        var two = write("b", "other");
        var sent = call("send_message", JsonObject.with("text", "hello").build());
        Files.writeString(files.resolve("a"), "foreign");
        try (Person root = browser.person().signIn(url, Served.ROOT)) {
            root.page.navigate(url + "/console/undo");
            assertThat(root.page.locator("section").last()).containsText("a sent message cannot be unsent");
            Hostile.isClean(root);
            root.page.navigate(url + "/console/undo/" + one.text("session"));
            assertThat(root.page.locator(".undo-steps .badge"))
                    .hasText(new String[] {"Cannot be undone", "Ready", "Conflict"});
            assertThat(root.page.locator("#" + sent.text("callId"))).containsText("a sent message cannot be unsent");
            assertThat(root.page.locator("#" + one.text("callId"))).containsText("changed since by somebody else");
            assertThat(root.page.locator("#plan-summary")).hasText("1 of 3 can be undone now; 2 stay as they are.");
            Hostile.isClean(root);
            for (var call : List.of(one, sent))
                root.page.locator("#" + call.text("callId") + " input").check();
            root.page.getByText("Plan only those that are ticked").click();
            Files.writeString(files.resolve("a"), "new");
            root.page.reload();
            assertThat(root.page.locator("#plan-summary")).hasText("2 of 3 can be undone now; 1 stay as they are.");
            Files.writeString(files.resolve("a"), "foreign");

            undo(root, 2);

            assertThat(root.page.locator("#run-summary"))
                    .containsText("Undone: 1 of 2. Left: 1 in conflict, and not touched.");
            Hostile.isClean(root);
            assertEquals(Map.of("a", "foreign", "b", "old"), upstream.state());
            root.page.getByText("Plan what is left").click();
            assertThat(root.page.locator(".undo-steps > li")).hasCount(1);
            assertThat(root.page.locator("main form[method=post]")).hasCount(0);
            root.page.goBack();
            root.page.getByText("entries on its undo").click();
            assertThat(root.page.locator("tbody")).containsText("operator:root");
        }
        assertEquals("succeeded", state(one));
        assertEquals("undone", state(two));
        assertSound();
    }

    @Test
    void one_call_and_what_came_after_it_is_planned_apart() throws IOException {
        var one = write("a", "1");
        var two = write("b", "2");
        var three = write("c", "3");
        try (Person ann = browser.person().signIn(url, Served.ANN)) {
            ann.page.navigate(url + "/console/undo");
            ann.page
                    .getByLabel("Plan to undo call " + one.text("callId"))
                    .first()
                    .click();
            assertThat(ann.page.locator(".undo-steps > li")).hasCount(1);
            ann.page.getByText("All of the session").click();
            assertThat(ann.page.locator(".undo-steps > li")).hasCount(3);
            ann.page.locator("#" + two.text("callId")).getByText("From here on").click();
            assertThat(ann.page.locator(".undo-steps > li")).hasCount(2);
            undo(ann, 2);
            assertThat(ann.page.locator("#run-summary")).containsText("All of it is undone: 2 of 2.");
        }
        assertEquals(List.of("succeeded", "undone", "undone"), List.of(state(one), state(two), state(three)));
        assertEquals("1", Files.readString(files.resolve("a")));
    }

    @Test
    void where_people_are_asked_the_page_leads_to_the_request() throws IOException {
        Served.write(directory.resolve("guard/policies/careful.yaml"), FilesUpstream.policies("undo-of-moves-asks"));
        served.reload();
        Files.writeString(files.resolve("b"), "moved");
        var moved = call(
                "move_file",
                JsonObject.with("source", "b").with("destination", "c").build());
        try (Person root = browser.person().signIn(url, Served.ROOT)) {
            root.page.navigate(url + "/console/undo/" + moved.text("session"));
            assertThat(root.page.locator(".undo-steps .badge")).hasText("Asks people");
            undo(root, 1);
            assertThat(root.page.locator("#run-summary")).containsText("Left: 1 waiting for people.");
            assertTrue(Files.exists(files.resolve("c")));
            root.page.getByText("The request to people").click();
            assertThat(root.page.locator("#claim")).containsText("files.move_file");
            String approval = root.page.url().replaceAll(".*/(apr_[^?]*).*", "$1");
            String digest = served.get(Served.ANN, "/v1/approvals/" + approval).text("argumentsDigest");
            assertEquals(
                    200,
                    served.post(
                                    Served.ANN,
                                    "/v1/approvals/" + approval + "/approve",
                                    "{\"argumentsDigest\":\"" + digest + "\"}")
                            .status());
            root.page.navigate(url + "/console/undo/" + moved.text("session"));
            undo(root, 1);
            assertThat(root.page.locator("#run-summary")).containsText("All of it is undone");
        }
        assertEquals(Map.of("b", "moved"), upstream.state());
    }

    @Test
    void an_undo_at_work_tells_how_far_it_is_and_goes_on_without_its_page() throws Exception {
        int calls = 11;
        for (int i = 0; i < calls; i++) write("f" + i, "new");
        var last = write("last", "new");
        var gate = new CountDownLatch(1);
        upstream.before.set(params -> {
            if (params.toString().contains("f0.call")) await(gate);
        });
        String plan = "/console/undo/" + last.text("session");
        try (Person ann = browser.person().signIn(url, Served.ANN);
                Person root = browser.withoutScript().signIn(url, Served.ROOT)) {
            ann.page.navigate(url + plan);
            undo(ann, calls + 1);
            assertThat(ann.page.locator("#run-summary")).containsText("At work: 8 of 12 are over.");
            assertThat(ann.page.locator(".undo-steps .badge").last()).hasText("Not yet");
            Hostile.isClean(ann);
            root.page.navigate(url + plan);
            assertThat(root.page.locator("main form[method=post]")).hasCount(0);
            root.page.getByText("Look at how far it is").click();
            assertThat(root.page.locator("#run-summary")).containsText("At work");
            var visitor = new Visitor(served).signIn(Served.ROOT);
            assertEquals(409, run(visitor, plan, last.text("callId")).status());
            String run = ann.page.url();
            root.page.getByText("Look again").click();
            gate.countDown();
            assertThat(ann.page.locator("#run-summary")).containsText("All of it is undone: 12 of 12.");
            ann.page.navigate(url + "/console/approvals");
            while (!root.page.locator("#run-summary").textContent().contains("12 of 12")) root.page.reload();
            assertEquals(run, root.page.url());
        }
        assertEquals("undone", state(last));
    }

    @Test
    void a_sessions_page_leads_to_the_plan_and_marks_what_is_undone() throws IOException {
        var one = write("a", "1");
        var two = write("b", "2");
        call("send_message", JsonObject.with("text", "hello").build());
        String page = url + "/console/sessions/" + one.text("session");
        try (Person root = browser.person().signIn(url, Served.ROOT);
                Person sam = browser.withoutScript().signIn(url, Served.SAM)) {
            root.page.navigate(page);
            var card = root.page.locator("section[aria-labelledby=undo-title]");
            assertThat(card.locator("li")).hasCount(3);
            assertThat(card.locator("li").first()).containsText("a sent message cannot be unsent");
            assertThat(card.locator(".button")).hasText("Plan undo of 2");
            assertThat(root.page.locator("tbody").getByText("Can be undone")).hasCount(2);
            Hostile.isClean(root);
            root.page
                    .locator("tbody a[href*='from=" + two.text("callId") + "']")
                    .click();
            assertThat(root.page.locator(".undo-steps > li")).hasCount(2);
            undo(root, 1);
            assertThat(root.page.locator("#run-summary")).containsText("All of it is undone");
            root.page.navigate(page);
            assertThat(card.locator(".button")).hasText("Plan undo of 1");
            assertThat(root.page.locator("tbody .badge.undo:text-is('Undone')")).hasCount(2);
            assertThat(root.page.locator("tbody")).containsText("to undo " + two.text("callId"));
            Hostile.isClean(root);
            root.page.getByText("Undo…").click();
            assertThat(root.page.locator("#plan-summary")).containsText("1 of 3 can be undone now");
            sam.page.navigate(page);
            assertThat(sam.page.locator("main")).containsText("An approver or an admin takes calls back.");
            assertThat(sam.page.locator("main a[href*='/console/undo/']")).hasCount(0);
            assertThat(sam.page.locator("tbody").getByText("Can be undone")).hasCount(1);
        }
        assertEquals(List.of("succeeded", "undone"), List.of(state(one), state(two)));
    }

    private static void await(CountDownLatch gate) {
        try {
            assertTrue(gate.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    private static Served.Answer run(Visitor visitor, String plan, String call) {
        var fields = new LinkedHashMap<String, Object>(visitor.form());
        fields.put("call", call);
        fields.put("reason", "by mistake");
        fields.put("count", "1");
        return visitor.post(plan, fields);
    }

    @Test
    void an_auditor_sees_and_undoes_nothing_and_no_foreign_form_does() throws IOException {
        Files.writeString(files.resolve("a"), "old");
        var written = write("a", "new");
        String plan = "/console/undo/" + written.text("session");
        var sam = new Visitor(served).signIn(Served.SAM);
        String list = sam.get("/console/undo").text();
        assertTrue(list.contains("files.write_file"), list);
        assertFalse(list.contains("with path"), "what it did is for those who may take it back");
        assertFalse(list.contains(plan), "no way to a plan");
        assertEquals(403, sam.get(plan).status());
        assertEquals(403, run(sam, plan, written.text("callId")).status());
        var ann = new Visitor(served).signIn(Served.ANN);
        assertTrue(ann.get("/console/undo").text().contains("with path"));
        assertEquals(200, ann.get(plan).status());
        assertEquals(
                403,
                ann.post(plan, Map.of("call", written.text("callId"), "count", "1"))
                        .status());
        assertEquals(404, ann.get("/console/undo/ses_none").status());
        assertEquals(404, ann.get(plan + "?call=call_none").status());
        assertEquals(404, ann.get("/console/undo/runs/run_none").status());
        assertEquals(404, run(ann, plan, "call_none").status());
        assertEquals("new", Files.readString(files.resolve("a")));

        assertEquals(303, run(ann, plan, written.text("callId")).status());
        while (!state(written).equals("undone")) Thread.onSpinWait();
        assertEquals("old", Files.readString(files.resolve("a")));
    }

    @Test
    void hostile_arguments_are_text_and_a_telephone_shows_all() {
        var call = call(
                "write_file",
                JsonObject.with("path", "a")
                        .with("content", "x")
                        .with("note", Hostile.TEXT.substring(0, 40))
                        .build());
        try (Person ann = browser.onTelephone().signIn(url, Served.ANN)) {
            for (String page : List.of("/console/undo", "/console/undo/" + call.text("session"))) {
                ann.page.navigate(url + page);
                Hostile.isHarmless(ann.page);
                assertTrue(ann.page.locator("main").textContent().contains("<img src=x onerror="), page);
                assertEquals(390, ann.page.evaluate("document.documentElement.scrollWidth"), page);
                assertEquals(List.of(), Browser.barriers(ann.page));
            }
            undo(ann, 1);
            assertThat(ann.page.locator("#run-summary")).containsText("All of it is undone");
            Hostile.isHarmless(ann.page);
            assertEquals(390, ann.page.evaluate("document.documentElement.scrollWidth"));
            assertEquals(List.of(), Browser.barriers(ann.page));
        }
    }
}
