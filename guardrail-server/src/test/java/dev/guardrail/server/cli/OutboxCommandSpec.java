package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// `outbox`, against a running guard.
@ResourceLock(Resources.SYSTEM_OUT)
final class OutboxCommandSpec {
    @Test
    void queued_calls_are_listed_and_taken_back(@TempDir Path directory) throws Exception {
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("guardrail.yaml"), Served.CONFIGURATION);
        Served.write(
                directory.resolve("policies/rules.yaml"),
                Served.RULES.replace("[crm.get]}, effect: allow}", "[crm.get]}, effect: allow, delay: 1h}"));
        Path ann = Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
        Path sam = Files.writeString(directory.resolve("sam"), Served.SAM + "\n");
        try (var served = Served.in(directory)) {
            String call = served.propose(Served.CODER, "crm.get", "{}").text("callId");

            assertTrue(ran(served, 0, ann, "outbox", "ls").contains(call));
            var listed = (JsonObject) StrictJson.parse(
                    ran(served, 0, ann, "outbox", "ls", "--json").strip().getBytes(StandardCharsets.UTF_8));
            assertEquals(call, listed.text("callId").orElseThrow());
            assertTrue(listed.has("runsAt"), listed::toString);
            ran(served, 1, sam, "outbox", "cancel", call);
            assertTrue(ran(served, 0, ann, "outbox", "cancel", call, "--reason", "wrong Ann")
                    .contains("cancelled"));

            assertFalse(ran(served, 0, ann, "outbox", "ls").contains(call));
            var told = served.get(Served.CODER, "/v1/calls/" + call);
            assertTrue(told.text("message").contains("wrong Ann"), told::text);
        }
    }

    private static String ran(Served served, int code, Path key, String... words) {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--url", served.sidecar.url().toString(), "--key-file", key.toString()));
        var said = new ByteArrayOutputStream();
        PrintStream terminal = System.out;
        PrintStream errors = System.err;
        try (var out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            System.setErr(out);
            int found = new CommandLine(Guardrail.command()).execute(all.toArray(String[]::new));
            assertEquals(code, found, () -> said.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(terminal);
            System.setErr(errors);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
