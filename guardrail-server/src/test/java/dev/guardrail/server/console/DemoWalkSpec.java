package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import dev.guardrail.server.console.Browser.Person;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What somebody does who is new: starts `demo` in a terminal, opens the link that it prints, decides the held call,
/// and
/// finds what came of it in the log, with its proof. `script` (util-linux) is the terminal; without it nothing is
/// tested, but with `CI=true` it has to be there.
class DemoWalkSpec {
    private static final Path TERMINAL = Path.of("/usr/bin/script");

    @TempDir
    private Path directory;

    @Test
    void from_the_demo_in_a_terminal_to_the_proof_of_what_was_decided() throws Exception {
        boolean possible = Files.isExecutable(TERMINAL);
        assertTrue(possible || !"true".equals(System.getenv("CI")), "no " + TERMINAL + " here: install util-linux");
        Assumptions.assumeTrue(possible, "no " + TERMINAL + " here, so the demo has no terminal to be tried in");
        Process demo = demo();
        try (var browser = Browser.start();
                Person you = browser.person();
                var said = demo.inputReader()) {
            var lines = new ArrayList<String>();
            you.page.navigate(link(said, lines));
            you.page.getByText("Sign in as you").click();
            decide(you);
            demo.outputWriter().append('\n').flush();
            for (String line = said.readLine(); line != null; line = said.readLine()) lines.add(line);
            assertTrue(demo.waitFor(60, TimeUnit.SECONDS), "the demo ends once the call has run");
            assertEquals(0, demo.exitValue());
            String all = String.join("\n", lines);
            assertTrue(all.contains("workspace.fs_delete -> allow, succeeded"), all);
            assertTrue(all.contains("workspace.fs_delete -> allow, undone"), all);
            assertEquals("Milk, eggs, bread.\n", Files.readString(directory.resolve("demo/workspace/notes.txt")));
            assertEquals(List.of(), you.complaints);
        } finally {
            demo.destroyForcibly();
        }
    }

    private Process demo() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var builder = new ProcessBuilder(
                        TERMINAL.toString(),
                        "--quiet",
                        "--return",
                        "--flush",
                        "--command",
                        java + " --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -cp \"$DEMO_CLASSES\""
                                + " dev.guardrail.server.cli.Guardrail demo --data " + directory.resolve("demo"),
                        "/dev/null")
                .redirectErrorStream(true);
        builder.environment().put("DEMO_CLASSES", System.getProperty("java.class.path"));
        return builder.start();
    }

    /// The link that signs in, as the demo prints it.
    private static String link(BufferedReader said, List<String> lines) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            lines.add(line);
            String text = line.strip();
            if (text.startsWith("http") && text.contains("/console/")) return text;
        }
        throw new IOException("the demo printed no link: " + lines);
    }

    private static void decide(Person you) {
        Locator held = you.page.locator("a.request");
        assertThat(held).hasCount(1);
        held.click();
        assertThat(you.page.locator("#claim")).containsText("demo-agent wants to call workspace.fs_delete");
        assertEquals(List.of(), Browser.barriers(you.page));
        you.page.getByText("Approve once").click();
        assertThat(you.page.locator("main .notice[role=status]").first()).containsText("Approved.");
        you.page.getByTitle("All entries on this call").click();
        assertThat(you.page.locator("h1")).hasText("Audit");
        you.page.locator("tbody a").first().click();
        assertThat(you.page.locator("section[aria-label=Proof]")).containsText("Verified");
        assertEquals(List.of(), Browser.barriers(you.page));
    }
}
