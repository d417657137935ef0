package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who comes into the console, by what, how long, and what every answer of it tells the browser.
class SignInSpec {
    private static final AtomicLong PASSED = new AtomicLong();
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(
                directory, new Clocks(Clock.systemUTC(), () -> System.nanoTime() + PASSED.get(), new SecureRandom()));
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static Visitor visitor() {
        return new Visitor(served);
    }

    private static void pass(java.time.Duration span) {
        PASSED.addAndGet(span.toNanos());
    }

    @Test
    void whoever_has_not_signed_in_is_led_to_where_one_does_and_back() {
        var answer = visitor().get("/console/approvals?tab=all");
        assertEquals(303, answer.status());
        assertEquals(
                "/console/sign-in?next=%2Fconsole%2Fapprovals%3Ftab%3Dall",
                answer.headers().get("location"));

        var ann = visitor();
        var signed = ann.post("/console/sign-in", Map.of("key", Served.ANN, "next", "/console/approvals?tab=all"));
        assertEquals(303, signed.status());
        assertEquals("/console/approvals?tab=all", signed.headers().get("location"));
        assertEquals(200, ann.get("/console/approvals").status());
    }

    @Test
    void an_address_of_others_is_not_gone_to() {
        for (String next :
                List.of("https://evil.example/", "//evil.example", "/v1/approvals", "/console/../v1", "/console//x")) {
            var signed = visitor().post("/console/sign-in", Map.of("key", Served.ANN, "next", next));
            assertEquals("/console/approvals", signed.headers().get("location"), next);
        }
    }

    @Test
    void the_cookie_is_kept_from_scripts_and_from_other_sites() {
        var signed = visitor().post("/console/sign-in", Map.of("key", Served.ANN));
        String cookie = signed.headers().get("set-cookie");

        assertTrue(cookie.matches("guardrail_visit_\\d+=[A-Za-z0-9_-]{43};.*"), cookie);
        for (String flag : List.of("httponly", "samesite=strict", "path=/console"))
            assertTrue(cookie.toLowerCase(java.util.Locale.ROOT).contains(flag), cookie);
        assertFalse(cookie.contains("Max-Age"), cookie);
    }

    @Test
    void keys_of_agents_and_hosts_and_nobodys_open_nothing_and_say_why() {
        for (String key : List.of(Served.CODER, Served.APP)) {
            var answer = visitor().post("/console/sign-in", Map.of("key", key));
            assertEquals(403, answer.status());
            assertTrue(answer.text().contains("never decide"), answer.text());
            assertFalse(answer.headers().containsKey("set-cookie"));
        }
        assertEquals(
                401,
                visitor()
                        .post("/console/sign-in", Map.of("key", "grd_nobodys-key-nobodys-key-nobodys"))
                        .status());
        assertEquals(422, visitor().post("/console/sign-in", Map.of("key", " ")).status());
        assertTrue(
                served.get(Served.SAM, "/v1/audit/entries?q=kind:wire_refused&limit=1000")
                        .text()
                        .contains("\"console\""),
                "the journal knows which agent's key was tried");
    }

    @Test
    void a_visit_ends_by_itself_and_by_signing_out() {
        var idle = visitor().signIn(Served.ANN);
        pass(Visits.IDLE.minusSeconds(5));
        assertEquals(200, idle.get("/console/approvals").status());
        pass(Visits.IDLE.plusSeconds(5));
        assertEquals(303, idle.get("/console/approvals").status());

        var busy = visitor().signIn(Served.ANN);
        for (int hour = 1; hour <= 12; hour++) {
            assertEquals(200, busy.get("/console/approvals").status(), "hour " + hour);
            pass(Visits.IDLE.minusSeconds(1));
        }
        pass(java.time.Duration.ofSeconds(30));
        assertEquals(303, busy.get("/console/approvals").status());

        var leaving = visitor().signIn(Served.ANN);
        var copy = visitor().with(leaving);
        assertEquals(303, leaving.post("/console/sign-out", leaving.form()).status());
        assertEquals(303, copy.get("/console/approvals").status(), "what somebody copied is of no use either");
    }

    @Test
    void a_link_signs_in_once_and_soon_and_looking_uses_nothing_up() {
        String url = served.post(Served.ROOT, "/v1/console/links", "").text("url");
        String path = url.substring(url.indexOf("/console"));
        String link = path.substring(path.indexOf('=') + 1);
        var root = visitor();

        assertTrue(root.get(path).text().contains("Sign in as root"));
        assertEquals(200, root.get(path).status());
        assertEquals(303, root.post("/console/enter", Map.of("link", link)).status());
        assertEquals(200, root.get("/console/approvals").status());
        assertEquals(410, visitor().post("/console/enter", Map.of("link", link)).status());
        assertEquals(410, visitor().get(path).status());

        String late = served.post(Served.ROOT, "/v1/console/links", "").text("url");
        pass(Links.LIFE.plusSeconds(1));
        assertEquals(
                410, visitor().get(late.substring(late.indexOf("/console"))).status());
    }

    @Test
    void no_agent_gets_a_link() {
        assertEquals(403, served.post(Served.CODER, "/v1/console/links", "").status());
        assertEquals(403, served.post(Served.APP, "/v1/console/links", "").status());
        assertEquals(401, served.post("", "/v1/console/links", "").status());
    }

    @Test
    void a_change_is_taken_from_our_own_pages_alone() {
        for (String site : List.of("cross-site", "same-site", "")) {
            var ann = visitor().signIn(Served.ANN);
            var answer =
                    ann.post("/console/theme", ann.form(), site.isEmpty() ? Map.of() : Map.of("Sec-Fetch-Site", site));
            assertEquals(403, answer.status(), "from " + site);
        }
        var ann = visitor().signIn(Served.ANN);
        var own = Map.of("Sec-Fetch-Site", "same-origin");
        assertEquals(
                403, ann.post("/console/theme", Map.of("theme", "dark"), own).status(), "without the token");
        assertEquals(
                403,
                ann.post("/console/theme", visitor().signIn(Served.ANN).form(), own)
                        .status(),
                "with another visit's token");
        assertEquals(
                403,
                ann.post(
                                "/console/theme",
                                ann.form(),
                                Map.of("Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:3000"))
                        .status(),
                "from another port of this machine");
        var hidden = Map.of("Sec-Fetch-Site", "cross-site", "Origin", "null");
        assertEquals(403, ann.post("/console/theme", ann.form(), hidden).status(), "from a page that hides its origin");
        assertEquals(303, ann.post("/console/theme", ann.form(), own).status(), "and from ours it is");
        var ours = Map.of("Sec-Fetch-Site", "same-origin", "Origin", "null");
        assertEquals(303, ann.post("/console/theme", ann.form(), ours).status(), "as browsers send our forms");
    }

    @Test
    void the_table_names_every_page_there_is_and_no_other() {
        var named = new TreeSet<>(Ways.TABLE.keySet());
        named.addAll(Ways.OPEN);
        var there = new TreeSet<>(served.routes());
        there.removeIf(route -> !route.endsWith(" /") && !route.contains(" /console"));

        assertEquals(named, there);
    }

    @Test
    void every_page_needs_a_visit_and_its_roles_and_every_form_its_token() {
        var keys = Map.of("approver", Served.ANN, "auditor", Served.SAM, "admin", Served.ROOT);
        for (var way : Ways.TABLE.entrySet()) {
            String[] parts = way.getKey().split(" ", 2);
            String path = parts[1].replaceAll("\\{[a-z]+}", "none");
            boolean form = parts[0].equals("POST");
            var nobody = visitor();
            int turned = form
                    ? nobody.post(path, Map.of()).status()
                    : nobody.get(path).status();
            assertTrue(Set.of(303, 401).contains(turned), way.getKey() + " to nobody: " + turned);
            for (var key : keys.entrySet()) {
                var visitor = visitor().signIn(key.getValue());
                boolean open = way.getValue().contains(key.getKey());
                if (form) {
                    assertEquals(403, visitor.post(path, Map.of()).status(), way.getKey() + " without its token");
                    if (!open)
                        assertEquals(403, visitor.post(path, visitor.form()).status(), way.getKey());
                } else if (!path.endsWith("/events")) {
                    int status = visitor.get(path).status();
                    assertEquals(open, status != 403, key.getKey() + " at " + way.getKey() + ": " + status);
                }
            }
        }
    }

    @Test
    void every_answer_tells_the_browser_to_run_and_load_nothing_of_others() {
        var ann = visitor().signIn(Served.ANN);
        var nonces = new HashSet<String>();
        var answers = new LinkedHashMap<String, Served.Answer>();
        for (String path : List.of(
                "/", "/console", "/console/approvals", "/console/sign-in", "/console/none", "/console/assets/none"))
            answers.put(path, ann.get(path));
        answers.put("signed out", visitor().get("/console/approvals"));
        answers.put("no page", visitor().get("/console/none"));
        answers.put("foreign", ann.post("/console/theme", Map.of(), Map.of("Sec-Fetch-Site", "cross-site")));
        answers.put("foreign host", ann.get("/console", Map.of("Origin", "https://evil.example")));
        answers.forEach((what, answer) -> {
            String policy = answer.headers().get("content-security-policy");
            assertTrue(
                    policy != null
                            && policy.matches("default-src 'none'; script-src ('nonce-[A-Za-z0-9_-]{22}'|'none');"
                                    + " style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
                                    + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
                    what + ": " + policy);
            nonces.add(policy);
            assertEquals("nosniff", answer.headers().get("x-content-type-options"), what);
            assertEquals("no-referrer", answer.headers().get("referrer-policy"), what);
            assertEquals("same-origin", answer.headers().get("cross-origin-opener-policy"), what);
            assertEquals("same-origin", answer.headers().get("cross-origin-resource-policy"), what);
            assertEquals("no-store", answer.headers().get("cache-control"), what);
        });
        assertTrue(nonces.size() >= answers.size() - 1, "a nonce is used once: " + nonces);
        assertEquals(403, answers.get("foreign host").status());
        assertTrue(answers.get("foreign host").text().contains("forbidden-route"), "the doorkeeper comes first");
        assertEquals(404, answers.get("/console/none").status());
    }

    @Test
    void what_pages_load_is_read_once() {
        var page = visitor().get("/console/sign-in");
        var style = java.util.regex.Pattern.compile("/console/assets/console-[0-9a-f]{16}\\.css")
                .matcher(page.text());
        assertTrue(style.find());
        var asset = visitor().get(style.group());

        assertEquals(200, asset.status());
        assertEquals("public, max-age=31536000, immutable", asset.headers().get("cache-control"));
        assertTrue(asset.headers().get("etag").matches("\"[0-9a-f]{64}\""));
        assertEquals(
                304,
                visitor()
                        .get(
                                style.group(),
                                Map.of("If-None-Match", asset.headers().get("etag")))
                        .status());
        assertEquals(
                404,
                visitor().get("/console/assets/console-0000000000000000.css").status());
    }

    @Test
    void no_template_runs_or_styles_anything_in_line() throws Exception {
        try (var files = java.nio.file.Files.walk(Path.of("src/main/jte"))) {
            var templates =
                    files.filter(file -> file.toString().endsWith(".jte")).toList();
            assertTrue(templates.size() > 5);
            for (Path template : templates) {
                String text = java.nio.file.Files.readString(template);
                assertFalse(
                        java.util.regex.Pattern.compile(
                                        "(?i)\\s(style|on[a-z]+|hx-[a-z-]+|srcdoc)=|<style|javascript:|\\$unsafe")
                                .matcher(text)
                                .find(),
                        template.toString());
                assertFalse(
                        java.util.regex.Pattern.compile("<script(?![^>]*nonce=)")
                                .matcher(text)
                                .find(),
                        template.toString());
            }
        }
    }

    @Test
    void browsers_are_led_to_the_console_and_programs_are_not() {
        assertEquals(303, visitor().get("/", Map.of("Accept", "text/html,*/*")).status());
        assertEquals(
                404, visitor().get("/", Map.of("Accept", "application/json")).status());
    }
}
