package dev.guardrail.server.store;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Status;
import dev.guardrail.proof.AuditReport;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.proof.MerkleTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How long verifying a log takes, beside what hashing and reading the same entries take in the same run; and what a
/// start and a proof cost on it.
///
/// Arguments: a directory, and thousands of entries (default 1,000). Every second entry is a permit of about 600 bytes,
/// every other its outcome.
final class AuditBench {
    private AuditBench() {}

    public static void main(String[] arguments) throws Exception {
        Path root = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "."), "audit");
        int entries = 1_000 * (arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000);
        long bytes = 0;
        try (var store = SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime)) {
            var lines = new ArrayList<Batch.Line>();
            for (int i = 0; i < entries; i++) {
                lines.add((i % 2 == 0 ? permit(i) : outcome(i)).line());
                bytes += lines.getLast().bytes().length;
                if (lines.size() < 4_096) continue;
                store.commit(new Batch(lines, List.of(), List.of()));
                lines.clear();
            }
            store.commit(new Batch(lines, List.of(), List.of()));
        }
        System.out.printf(
                "%,d entries of %d bytes, %d processors%n",
                entries, bytes / entries, Runtime.getRuntime().availableProcessors());
        for (int round = 0; round < 3; round++) {
            timed(
                    "start of the store",
                    1,
                    () -> SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime)
                            .close());
            proofs(root, entries);
            timed("hash, one core", entries, () -> hash(root, entries));
            timed("read", entries, () -> read(root, entries));
            timed("verify", entries, () -> verify(root));
        }
    }

    private interface Work {
        void work() throws Exception;
    }

    private static void timed(String what, long count, Work work) throws Exception {
        long start = System.nanoTime();
        work.work();
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%-22s %8.3f s %,14.0f /s%n", what, seconds, count / seconds);
    }

    private static void proofs(Path root, long entries) throws Exception {
        try (var store = SqliteStore.open(root, LogId.EMBEDDED, System::nanoTime)) {
            var tree = new MerkleTree(store.hashes(), entries);
            tree.inclusion(1);
            timed("inclusion proofs", 1_000, () -> {
                for (int i = 0; i < 1_000; i++) tree.inclusion(i * (entries / 1_000));
            });
        }
    }

    private static void hash(Path root, long entries) throws Exception {
        try (var log = SqliteLog.open(root, Optional.empty())) {
            byte[] entry = log.entries(0, 1).getFirst();
            var digest = MessageDigest.getInstance("SHA-256");
            for (long i = 0; i < entries; i++) digest.digest(entry);
        }
    }

    private static void read(Path root, long entries) throws Exception {
        try (var log = SqliteLog.open(root, Optional.empty())) {
            for (long from = 0; from < entries; from += 2_048) log.entries(from, Math.min(entries, from + 2_048));
        }
    }

    private static void verify(Path root) throws Exception {
        try (var log = SqliteLog.open(root, Optional.empty())) {
            AuditReport report = LogAudit.of(log);
            if (!report.isSound()) throw new IllegalStateException(report.toString());
        }
    }

    private static Entry permit(int i) {
        var digest = Sha256.of(new byte[] {(byte) i});
        Instant at = at(i);
        return new Entry.Decided(
                at,
                call(i),
                new Entry.SubjectLine(new SessionId("ses_01KA8VQ2"), "coder", Optional.empty(), "mcp"),
                new ToolName("files", "write_file"),
                digest,
                new Entry.Judgement("allow", List.of("writes-in-workspace"), List.of(), List.of(), "", digest, "guard"),
                digest,
                Status.RUNNING,
                List.of(new Commitment(call(i).value() + "/arguments", digest)),
                List.of(),
                Optional.empty(),
                Optional.of(at.plusSeconds(60)));
    }

    private static Entry outcome(int i) {
        var digest = Sha256.of(new byte[] {(byte) i});
        return new Entry.Executed(
                at(i),
                call(i - 1),
                new SessionId("ses_01KA8VQ2"),
                "coder",
                new ToolName("files", "write_file"),
                Status.SUCCEEDED,
                "guard",
                "",
                Optional.of(new Commitment(call(i - 1).value() + "/result", digest)));
    }

    private static Instant at(int i) {
        return Instant.ofEpochMilli(1_700_000_000_000L + i);
    }

    private static CallId call(int i) {
        return new CallId("call_01KA8W7K%012d".formatted(i));
    }
}
