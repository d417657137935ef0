package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.proof.SignedNote;
import dev.guardrail.proof.TileExport;
import dev.guardrail.proof.TileFiles;
import dev.guardrail.server.store.SqliteLog;
import dev.guardrail.server.wiring.InvalidConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `export`: the log as static files that anybody can verify.
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Write the log, as far as it is signed, as static files (c2sp.org/tlog-tiles) into a directory.",
            "They hold names and commitments, never arguments or results. Check them with `verify --export DIR --vkey KEY`."
        })
final class Export extends OnData {
    @Parameters(paramLabel = "DIR", description = "Where to; an earlier export there is brought up to date.")
    private Path directory = Path.of("");

    @Override
    int work() throws IOException, InvalidConfiguration {
        var found = data();
        Optional<byte[]> kept = found.keys().heads().last();
        var progress = new Progress("exported");
        try (var log = SqliteLog.open(found.data(), kept)) {
            byte[] head = latest(log.heads());
            var report = LogAudit.of(log);
            if (!report.isSound())
                throw new IOException("the log is not sound, so it is not handed on; run `verify`: "
                        + report.fault().orElseThrow().sentence());
            String vkey = report.vkeys().getLast();
            Files.createDirectories(directory);
            long entries = TileExport.write(log, head, vkey, TileFiles.in(directory), progress);
            progress.end();
            System.out.println(
                    json()
                            ? JsonObject.with("directory", directory.toString())
                                    .with("entries", entries)
                                    .with("vkey", vkey)
                                    .build()
                                    .toString()
                            : "%s holds %,d entries under a head signed with%n  %s"
                                    .formatted(directory, entries, vkey));
            return 0;
        }
    }

    private static byte[] latest(List<byte[]> heads) throws IOException {
        return heads.stream()
                .max(Comparator.comparingLong(head -> dev.guardrail.proof.Checkpoint.parse(
                                SignedNote.parse(head).text())
                        .size()))
                .orElseThrow(() -> new IOException("nothing is signed yet; the sidecar signs within a second"));
    }
}
