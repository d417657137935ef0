package dev.guardrail.server.cli;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.proof.AuditReport;
import dev.guardrail.proof.Ed25519Verifier;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.proof.LogSource;
import dev.guardrail.proof.Projections;
import dev.guardrail.proof.TileDirectory;
import dev.guardrail.proof.TileFiles;
import dev.guardrail.server.store.SqliteLog;
import dev.guardrail.server.wiring.InvalidConfiguration;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `verify`: re-derives the whole log and names the first entry that is not what it should be.
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Check the whole log: form, hashes, signatures, and what every call went through.",
            "Reads the data directory itself, whether a sidecar runs on it or not, and compares calls and bodies too.",
            "With --export it needs nothing but the files and the key that you were given; with --url it asks a sidecar."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the log is sound", "2:there is nothing to check", "4:something is wrong"})
final class Verify extends OnData {
    private static final int WRONG = 4;

    @Option(names = "--export", paramLabel = "DIR", description = "An exported log in the layout of tlog-tiles.")
    private @Nullable Path export;

    @Option(
            names = "--vkey",
            paramLabel = "KEY",
            description = "The log's verifier key, or its file, got from elsewhere. Without it the data directory's own"
                    + " key is taken, or the one that the log names.")
    private List<String> vkeys = List.of();

    @Option(names = "--url", paramLabel = "URL", description = "A running sidecar, which is asked for its log.")
    private @Nullable URI url;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "File with an auditor's credential for --url; else the variable GUARDRAIL_KEY holds it.")
    private @Nullable Path keyFile;

    @Option(
            names = "--log-only",
            description = "Look at the log alone: calls and bodies beside it are not compared with it.")
    private boolean logOnly;

    @Override
    int work() throws IOException, InvalidConfiguration, Api.Refused {
        List<Ed25519Verifier> pinned = pinned();
        Path exported = export;
        URI remote = url;
        if (exported != null) return tell(audit(TileDirectory.open(TileFiles.in(exported)), pinned, Optional.empty()));
        if (remote == null) return own(pinned);
        try (var log = RemoteLog.of(Reach.api(remote, keyFile))) {
            return tell(audit(log, pinned, Optional.empty()));
        }
    }

    private List<Ed25519Verifier> pinned() throws IOException {
        var keys = new ArrayList<Ed25519Verifier>();
        for (String named : vkeys)
            keys.add(Ed25519Verifier.parse(
                    named.contains("+")
                            ? named
                            : Files.readString(Path.of(named)).strip()));
        return keys;
    }

    private int own(List<Ed25519Verifier> pinned) throws IOException, InvalidConfiguration {
        var found = data();
        List<Ed25519Verifier> trusted = new ArrayList<>(pinned);
        if (trusted.isEmpty()) found.keys().present().ifPresent(key -> trusted.add(key.verifier()));
        // The head is read before the log is: what is signed meanwhile is not missed there.
        Optional<byte[]> head = found.keys().heads().last();
        try (var log = SqliteLog.open(found.data(), head)) {
            Optional<Projections> kept = logOnly
                    ? Optional.empty()
                    : Optional.of(log.projections(new AesSeal(found.keys().bodyKey(false), new SecureRandom())));
            return tell(audit(log, trusted, kept));
        }
    }

    private static AuditReport audit(LogSource log, List<Ed25519Verifier> pinned, Optional<Projections> projections)
            throws IOException {
        var progress = new Progress("verified");
        try {
            return LogAudit.of(log, pinned, projections, progress);
        } finally {
            progress.end();
        }
    }

    private int tell(AuditReport report) {
        if (json()) System.out.println(json(report));
        else say(report);
        return report.isSound() ? 0 : WRONG;
    }

    private static void say(AuditReport report) {
        var counts = report.counts();
        report.fault()
                .ifPresentOrElse(
                        fault -> System.out.println(
                                "Not sound: " + Screen.safe(fault.sentence()) + " (" + fault.word() + ")."),
                        () -> System.out.printf(
                                "Sound: %,d entries, %,d of them under a signed head.%n",
                                counts.entries(), counts.signed()));
        report.origin().ifPresent(origin -> System.out.println("  origin   " + Screen.safe(origin)));
        for (String key : report.vkeys()) System.out.println("  key      " + Screen.safe(key));
        System.out.printf(
                "  calls    %,d, %,d permits, %,d outcomes, %,d still open%n",
                counts.calls(), counts.runs(), counts.outcomes(), counts.open());
        System.out.printf(
                "  holds    %,d, %,d votes, %,d approvals used%n", counts.tickets(), counts.votes(), counts.grants());
        if (counts.bodies() > 0)
            System.out.printf("  bodies   %,d compared, %,d erased%n", counts.bodies(), counts.erased());
        for (AuditReport.Note note : report.notes()) System.out.println("  note     " + Screen.safe(note.sentence()));
        long more = report.noteCount() - report.notes().size();
        if (more > 0) System.out.printf("  note     and %,d more%n", more);
    }

    private static JsonObject json(AuditReport report) {
        var counts = report.counts();
        var json = JsonObject.builder()
                .with("sound", report.isSound())
                .with("entries", counts.entries())
                .with("signed", counts.signed())
                .with("heads", counts.heads())
                .with("calls", counts.calls())
                .with("decisions", counts.decisions())
                .with("runs", counts.runs())
                .with("outcomes", counts.outcomes())
                .with("open", counts.open())
                .with("tickets", counts.tickets())
                .with("votes", counts.votes())
                .with("grants", counts.grants())
                .with("bodies", counts.bodies())
                .with("erased", counts.erased())
                .with("origin", report.origin())
                .with("keys", JsonArray.ofTexts(report.vkeys()));
        report.fault().ifPresent(fault -> json.with("fault", finding(fault.seq(), fault.word(), fault.sentence())));
        return json.with(
                        "notes",
                        new JsonArray(report.notes().stream()
                                .<dev.guardrail.base.Json>map(note -> finding(note.seq(), note.word(), note.sentence()))
                                .toList()))
                .build();
    }

    private static JsonObject finding(long seq, String word, String sentence) {
        return JsonObject.builder()
                .with("seq", seq)
                .with("word", word)
                .with("sentence", sentence)
                .build();
    }
}
