package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.ConfigurationReader;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Secrets;
import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The log of a whole sidecar, as its operator keeps and checks it.
class SidecarLogSpec {
    @TempDir
    private Path root;

    @Test
    void a_running_sidecar_is_verified_from_its_files_and_from_afar() throws Exception {
        Path key = Files.writeString(root.resolve("sam.key"), Served.SAM);
        Path agentKey = Files.writeString(root.resolve("coder.key"), Served.CODER);
        try (var served = Served.in(root)) {
            life(served);
            served.get(Served.SAM, "/v1/audit/checkpoint");
            String url = served.sidecar.url().toString();
            String vkey = served.sidecar.assembly().notary().verifier().vkey();

            assertEquals(0, run(new Verify(), "--data", data()));
            assertEquals(0, run(new Verify(), "--url", url, "--key-file", key.toString(), "--vkey", vkey));
            assertEquals(0, run(new Verify(), "--url", url, "--key-file", key.toString()));
            assertEquals(2, run(new Verify(), "--url", url, "--key-file", agentKey.toString()));
            assertEquals(0, run(new Export(), root.resolve("export").toString(), "--data", data()));
            assertEquals(0, run(new Verify(), "--export", root.resolve("export").toString(), "--vkey", vkey));
        }
        assertEquals(0, run(new Verify(), "--data", data()));
    }

    /// The sidecar's configuration names variables for its keys, which are not set here.
    @Test
    void what_works_on_the_data_needs_no_secret_of_the_configuration() throws Exception {
        try (var served = Served.in(root)) {
            life(served);
        }
        String configuration = root.resolve("guardrail.yaml").toString();
        String backup = root.resolve("backup.db").toString();

        assertThrows(
                InvalidConfiguration.class,
                () -> ConfigurationReader.read(Path.of(configuration), new Secrets(name -> null)),
                "the positive control: to serve, they are needed");
        assertEquals(0, run(new Verify(), "--config", configuration));
        assertEquals(0, run(new TakeBackup(), backup, "--config", configuration));
        assertEquals(0, run(new Keys.Show(), "--config", configuration));
        assertEquals(0, run(new Keys.Rotate(), "--config", configuration));
        assertEquals(0, run(new Export(), root.resolve("export").toString(), "--config", configuration));
        Files.delete(root.resolve("data/journal.db"));
        assertEquals(0, run(new Restore(), backup, "--config", configuration, "--acknowledge-gap", "disk died"));
        assertEquals(0, run(new Verify(), "--config", configuration));
    }

    @Test
    void what_works_on_the_data_is_strict_about_where_it_lies() throws Exception {
        for (String text :
                List.of("data: [a]\n", "dta: ./data\n", "signingKey: ./log.key\n", "", "data: a\ndata: b\n")) {
            Path configuration = root.resolve("guardrail.yaml");
            Served.write(configuration, text);
            assertEquals(2, run(new Verify(), "--config", configuration.toString()), text);
        }
    }

    @Test
    void keys_rotate_only_while_nothing_runs() throws Exception {
        try (var served = Served.in(root)) {
            life(served);
            assertEquals(2, run(new Keys.Rotate(), "--data", data()));
        }
        assertEquals(0, run(new Keys.Rotate(), "--data", data()));
        try (var served = Served.in(root)) {
            life(served);
        }
        assertEquals(0, run(new Verify(), "--data", data()));
    }

    @Test
    void a_sidecar_does_not_start_on_an_older_state_and_does_on_a_restored_one() throws Exception {
        Path backup = root.resolve("backup.db");
        try (var served = Served.in(root)) {
            life(served);
            assertEquals(0, run(new TakeBackup(), backup.toString(), "--data", data()));
            life(served);
        }
        Path journal = root.resolve("data/journal.db");
        Files.move(journal, root.resolve("lost.db"));
        Files.copy(backup, journal);

        var refused = assertThrows(InvalidConfiguration.class, () -> Served.in(root));
        assertTrue(
                refused.findings().getFirst().message().contains("--acknowledge-gap"),
                refused.findings().toString());

        Files.delete(journal);
        assertEquals(2, run(new Restore(), backup.toString(), "--data", data()));
        assertEquals(0, run(new Restore(), backup.toString(), "--data", data(), "--acknowledge-gap", "disk died"));
        try (var served = Served.in(root)) {
            life(served);
        }
        assertEquals(0, run(new Verify(), "--data", data()));
    }

    private static void life(Served served) {
        for (String tool : new String[] {"crm.get", "crm.pay", "crm.drop"}) {
            var answer = served.post(Served.CODER, "/v1/calls", "{\"tool\":\"" + tool + "\",\"arguments\":{}}");
            assertTrue(answer.status() < 300, answer.text());
        }
    }

    private String data() {
        return root.resolve("data").toString();
    }

    private static int run(Object command, String... arguments) {
        return new CommandLine(command).execute(arguments);
    }
}
