package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// `console`, against a running guard.
@ResourceLock(Resources.SYSTEM_OUT)
final class ConsoleLinkSpec {
    private static final Pattern LINK =
            Pattern.compile("http://127\\.0\\.0\\.1:\\d+(/console/enter\\?link=[A-Za-z0-9_-]{43})");

    @Test
    void it_prints_a_link_that_leads_to_where_its_owner_comes_in(@TempDir Path directory) throws Exception {
        Path ann = Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
        Path coder = Files.writeString(directory.resolve("coder"), Served.CODER + "\n");
        try (var served = Served.in(directory)) {
            var link = LINK.matcher(ran(served, 0, ann));
            assertTrue(link.find());
            var page = served.send("", "GET", link.group(1), "", Map.of("Accept", "text/html"));
            assertEquals(200, page.status());
            assertTrue(page.text().contains("Sign in as ann"), page.text());

            assertTrue(ran(served, 1, coder).contains("not for a credential of this kind"));
        }
    }

    private static String ran(Served served, int code, Path key) {
        var said = new ByteArrayOutputStream();
        PrintStream terminal = System.out;
        PrintStream errors = System.err;
        try (var out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            System.setErr(out);
            int found = new CommandLine(Guardrail.command())
                    .execute("console", "--url", served.sidecar.url().toString(), "--key-file", key.toString());
            assertEquals(code, found, () -> said.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(terminal);
            System.setErr(errors);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
