package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// `stop` and `resume`, against a running guard, and as the guide tells of them.
@ResourceLock(Resources.SYSTEM_OUT)
final class StopCommandsSpec {
    private static final Path GUIDE = Path.of("../docs/guide/stop.md");

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    private final PrintStream terminal = System.out;
    private final PrintStream errors = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        served = Served.in(Files.createDirectory(directory.resolve("guard")));
        Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
        Files.writeString(directory.resolve("root"), Served.ROOT + "\n");
        Files.writeString(directory.resolve("coder"), Served.CODER + "\n");
    }

    @AfterEach
    void end() throws IOException {
        served.close();
    }

    private String cause() {
        return served.propose(Served.CODER, "crm.get", "{}")
                .json()
                .text("cause")
                .orElse("none");
    }

    @Test
    void an_agent_is_stopped_listed_and_resumed() {
        assertEquals(0, run("root", "stop", "ls"));
        assertTrue(text().contains("Nothing is stopped."), text());

        assertEquals(0, run("ann", "stop", "--scope", "agent", "--id", "coder", "--reason", "odd payments"));
        String id = id();
        assertEquals("stopped", cause());

        assertEquals(0, run("ann", "stop", "ls"));
        assertTrue(text().contains(id) && text().contains("coder") && text().contains("odd payments"), text());
        assertEquals(1, run("ann", "resume", id), "an approver does not lift");
        assertEquals("stopped", cause());
        assertEquals(0, run("root", "resume", id));
        assertEquals("none", cause());
    }

    @Test
    void they_answer_in_json() {
        assertEquals(0, run("root", "stop", "--scope", "all", "--reason", "enough", "--json"));
        var stop = json();
        assertEquals("all", stop.text("scope").orElseThrow());

        assertEquals(0, run("root", "stop", "ls", "--json"));
        assertEquals(stop.text("id"), json().text("id"));
        assertEquals(0, run("root", "resume", stop.text("id").orElseThrow(), "--json"));
        assertEquals("root", json().text("liftedBy").orElseThrow());
    }

    @Test
    void what_is_not_said_or_misspelt_stops_nothing() {
        assertEquals(1, run("root", "stop"));
        assertTrue(text().contains("--scope"), text());
        assertEquals(1, run("root", "stop", "--scope", "all"));
        assertEquals(1, run("root", "stop", "--scope", "agent", "--id", "codr", "--reason", "x"));
        assertTrue(text().contains("coder"), text());
        assertEquals(1, run("coder", "stop", "--scope", "all", "--reason", "x"));
        assertEquals(1, run("root", "resume", "stp_none"));
        assertEquals("none", cause());
    }

    @Test
    void what_an_operator_wrote_is_shown_escaped() {
        assertEquals(0, run("root", "stop", "--scope", "all", "--reason", "a\u001b[2Jb\u202ec"));

        assertEquals(0, run("root", "stop", "ls"));
        assertFalse(text().contains("\u001b[2J") || text().contains("\u202e"), text());
    }

    /// Every command of the guide, in order; a `stp_…` is the stop that was ordered last.
    @Test
    void the_commands_of_the_guide_do_what_it_says() throws IOException {
        var commands = Files.readString(GUIDE)
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("./guardrail "))
                .toList();
        assertTrue(commands.size() >= 6, commands::toString);
        String session = served.propose(Served.CODER, "crm.get", "{}").text("session");
        String latest = "";
        for (String command : commands) {
            List<String> words = words(command.substring("./guardrail ".length())
                    .replace("stp_…", latest)
                    .replace("ses_…", session));
            assertEquals(0, run("root", words.toArray(String[]::new)), command + ": " + text());
            if (words.getFirst().equals("stop") && words.contains("--scope")) latest = id();
            assertEquals("stopped", cause(), command);
        }
        assertEquals("stopped", cause(), "each stop has to be lifted, and the guide lifts the last one alone");
    }

    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        var word = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line);
        while (word.find()) words.add(word.group(1) != null ? word.group(1) : word.group(2));
        return words;
    }

    private int run(String who, String... words) {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of(
                "--url",
                served.sidecar.url().toString(),
                "--key-file",
                directory.resolve(who).toString()));
        said.reset();
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(out);
        System.setErr(out);
        try {
            return new CommandLine(Guardrail.command()).execute(all.toArray(String[]::new));
        } finally {
            System.setOut(terminal);
            System.setErr(errors);
        }
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private JsonObject json() {
        return (JsonObject) StrictJson.parse(said.toByteArray());
    }

    private String id() {
        var id = Pattern.compile("stp_[0-9A-Z]+").matcher(text());
        assertTrue(id.find(), text());
        return id.group();
    }
}
