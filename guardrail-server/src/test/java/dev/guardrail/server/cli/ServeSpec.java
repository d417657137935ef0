package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `serve` as a process: what it says, what it exits with, and that it ends when it is told to.
@Timeout(180)
class ServeSpec {
    @TempDir
    Path directory;

    private Process serve(String configuration) throws Exception {
        Served.write(directory.resolve("guardrail.yaml"), configuration);
        return ServeProcess.start(directory, directory.resolve("err"));
    }

    private static BufferedReader out(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void it_says_one_line_when_it_is_ready_and_ends_cleanly_when_told_to() throws Exception {
        var process = serve("listen: 127.0.0.1:0\nagents: [{name: coder, key: {env: CODER}}]\n");
        try (var out = out(process)) {
            assertTrue(out.readLine().matches("guardrail is ready at http://127\\.0\\.0\\.1:[0-9]+"));
            process.toHandle().destroy();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(null, out.readLine(), "nothing else stands on standard output");
        }
        assertEquals(0, process.exitValue());
        assertEquals("", Files.readString(directory.resolve("err")));
    }

    @Test
    void it_exits_with_2_and_every_finding_where_the_configuration_is_bad() throws Exception {
        var process = serve("listen: 0.0.0.0:7457\npolices: [.]\n");
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String said = Files.readString(directory.resolve("err"));

        assertEquals(2, process.exitValue());
        assertTrue(said.contains("guardrail.yaml:1:9: error: `0.0.0.0` is reached from other machines"), said);
        assertTrue(said.contains("guardrail.yaml:2:1: error: unknown key `polices`"), said);
        assertTrue(said.contains("did you mean `policies`?"), said);
    }
}
