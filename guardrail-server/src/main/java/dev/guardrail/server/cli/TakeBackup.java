package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.store.Backup;
import dev.guardrail.server.wiring.InvalidConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `backup`: a consistent copy of the journal.
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = {
            "Copy the journal, as of one moment, into a new file, and prove the copy sound. The sidecar may run meanwhile.",
            "The keys are not in it: keep copies of body.key, log.key and log.name elsewhere."
        })
final class TakeBackup extends OnData {
    @Parameters(paramLabel = "FILE", description = "A file that is not there yet.")
    private Path file = Path.of("");

    @Override
    int work() throws IOException, InvalidConfiguration {
        Path database = data().data().resolve("journal.db");
        if (java.nio.file.Files.notExists(database))
            throw new IOException("there is no `" + database + "`; name the data directory with --data");
        long entries = Backup.take(database, file.toAbsolutePath());
        System.out.println(
                json()
                        ? JsonObject.with("file", file.toString())
                                .with("entries", entries)
                                .build()
                                .toString()
                        : "%s holds %,d entries. The keys (body.key, log.key, log.name) are not in it."
                                .formatted(file, entries));
        return 0;
    }
}
