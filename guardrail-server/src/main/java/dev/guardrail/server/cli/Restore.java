package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Restoration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `restore`: puts a backup in the place of a journal that is lost.
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Put a backup into a data directory that holds the keys and no journal.",
            "Where entries that were signed for are lost, say why with --acknowledge-gap: that is journaled, the log",
            "goes on under a new origin and key, and everything that was open when the backup was made is given up."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:restored", "2:not restored, nothing was changed"})
final class Restore extends OnData {
    @Parameters(paramLabel = "FILE", description = "What `backup` wrote.")
    private Path file = Path.of("");

    @Option(
            names = "--acknowledge-gap",
            paramLabel = "REASON",
            description = "Why entries are lost; it is sealed like any other words of a person.")
    private @Nullable String reason;

    @Option(
            names = "--by",
            paramLabel = "NAME",
            description = "Whose decision it is; by default the account that runs this.")
    private String by = System.getProperty("user.name", "operator");

    @Override
    int work() throws IOException, InvalidConfiguration, Restoration.Unacknowledged {
        if (Files.notExists(file)) throw new IOException("there is no `" + file + "`");
        var found = data();
        var said = Optional.ofNullable(reason)
                .filter(words -> !words.isBlank())
                .map(words -> new Restoration.Acknowledgement(by, words));
        var restored = new Restoration(found.data(), found.keys(), Clocks.system()).restore(file, said);
        if (json())
            System.out.println(JsonObject.builder()
                    .with("entries", restored.entries())
                    .with("lost", restored.lost())
                    .with("vkey", restored.vkey())
                    .build());
        else say(restored);
        return 0;
    }

    private static void say(Restoration.Restored restored) {
        System.out.printf("Restored %,d entries.%n", restored.entries());
        if (restored.vkey().isEmpty()) {
            System.out.println("Nothing that was signed for is lost; the log goes on.");
            return;
        }
        System.out.printf(
                "%,d entries that were signed for are lost, and the log says so. It goes on under another key:%n",
                restored.lost());
        System.out.println("  " + restored.vkey().get());
        System.out.println("Give it to whoever verifies the log. What was open when the backup was made was given up;");
        System.out.println("calls since then are unknown to the guard, and may be proposed again.");
    }
}
