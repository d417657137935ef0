package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// What `docs/guide/approvals.md` shows: its policy is served, and its commands are run in their order.
@ResourceLock(Resources.SYSTEM_OUT)
class ApprovalsGuideSpec {
    private static final Path GUIDE = Path.of("..", "docs", "guide", "approvals.md");
    private static final Pattern POLICY = Pattern.compile("```yaml\n(apiVersion:.*?)```", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("^    \\./guardrail (.*)$", Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    @TempDir
    Path directory;

    private final PrintStream terminal = System.out;
    private String guide;
    private Served served;

    @BeforeEach
    void serve() throws Exception {
        guide = Files.readString(GUIDE);
        var policy = POLICY.matcher(guide);
        assertTrue(policy.find(), "the guide shows a policy");
        Path home = Files.createDirectory(directory.resolve("guard"));
        Files.createDirectory(home.resolve("policies"));
        Served.write(home.resolve("policies/rules.yaml"), policy.group(1));
        Served.write(home.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  crm: {caller: true}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver], groups: [payments]}
                  - {name: bob, key: {env: SAM}, roles: [approver], groups: [payments]}
                  - {name: kim, key: {env: ROOT}, roles: [approver], groups: [leads]}
                """);
        served = Served.in(home);
        Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
    }

    @AfterEach
    void stop() throws IOException {
        System.setOut(terminal);
        served.close();
    }

    private String held(String tool, String arguments) {
        return served.propose(Served.CODER, tool, arguments)
                .json()
                .object("approval")
                .orElseThrow()
                .text("id")
                .orElseThrow();
    }

    private String run(String line) throws IOException {
        List<String> words = new ArrayList<>();
        var word = WORD.matcher(line);
        while (word.find())
            words.add(word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3));
        words.addAll(List.of(
                "--url",
                served.sidecar.url().toString(),
                "--key-file",
                directory.resolve("ann").toString()));
        var said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        int code = new CommandLine(Guardrail.command()).execute(words.toArray(String[]::new));
        System.setOut(terminal);
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(0, code, line + "\n" + text);
        return text;
    }

    @Test
    void every_command_does_what_the_guide_says() throws Exception {
        Map<String, String> ids = Map.of(
                "apr_1", held("crm.pay", "{\"amount\":1}"),
                "apr_2", held("crm.mail", "{}"),
                "apr_3", held("crm.pay", "{\"amount\":3}"));

        var command = COMMAND.matcher(guide);
        int ran = 0;
        while (command.find()) {
            String line = command.group(1);
            for (var id : ids.entrySet()) line = line.replace(id.getKey(), id.getValue());
            run(line);
            ran++;
        }

        assertEquals(9, ran, "commands in the guide");
        var first = approval(ids.get("apr_1"));
        assertEquals("1", first.get("given").toString(), "one of two agreed");
        assertEquals("denied", approval(ids.get("apr_2")).text("state"));
        var third = approval(ids.get("apr_3"));
        assertEquals("pending", third.text("state"), third.text());
        assertTrue(third.text().contains("Which invoice is this for?"), third.text());
        assertTrue(third.text().contains("\"amount\":40"), third.text());
        assertTrue(third.text().contains("kim"), "the leads are called in: " + third.text());
    }

    private Served.Answer approval(String id) {
        return served.get(Served.ANN, "/v1/approvals/" + id);
    }
}
