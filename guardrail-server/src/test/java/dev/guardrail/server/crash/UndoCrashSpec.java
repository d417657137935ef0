package dev.guardrail.server.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Status;
import dev.guardrail.server.store.SqliteStore;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A sidecar that is killed at any step of a call and of its undo: what takes a call back takes effect exactly once,
/// and nothing is lost. `-Dcrash.undo.rounds` and `-Dcrash.seed` change length and moments (docs/reliability.md).
class UndoCrashSpec {
    private static final int ROUNDS = Integer.getInteger("crash.undo.rounds", 10);
    private static final long SEED = Long.getLong("crash.seed", 1);

    /// So many kills must hit every phase.
    private static final int ENOUGH = 150;

    /// Kills that must find a call while it runs.
    private static final int KILLS = 20;

    @TempDir
    private Path directory;

    @Test
    void whatever_is_killed_is_undone_exactly_once() throws Exception {
        try (var rounds = new UndoRounds(directory, SEED)) {
            List<String> faults = rounds.run(ROUNDS);

            System.out.println("kill -9 of undo, " + rounds);
            assertEquals(List.of(), faults);
            if (ROUNDS >= ENOUGH) assertEquals(Set.of(), rounds.missed());
            theJudgeFindsWhatIsPlanted(rounds);
        }
    }

    private static void theJudgeFindsWhatIsPlanted(UndoRounds rounds) throws IOException {
        assertEquals(List.of(), rounds.planted(lines -> lines));
        assertFound("had its effect twice", rounds.planted(last(Ledger.Line::takesBack, 2)));
        assertFound("nothing took it back", rounds.planted(last(Ledger.Line::takesBack, 0)));
        assertFound("had no effect", rounds.planted(last(rounds::isTold, 0)));
        assertFound(" and not ", rounds.planted(last(line -> line.tag().startsWith(Ledger.SEED), 0)));
    }

    /// The last line of a kind happened so many times.
    private static UnaryOperator<List<Ledger.Line>> last(Predicate<Ledger.Line> kind, int times) {
        return lines -> {
            Ledger.Line line =
                    lines.stream().filter(kind).reduce((first, next) -> next).orElseThrow();
            var changed = new ArrayList<>(lines);
            int at = changed.lastIndexOf(line);
            changed.remove(at);
            for (int time = 0; time < times; time++) changed.add(at, line);
            return changed;
        };
    }

    private static void assertFound(String tell, List<String> faults) {
        assertTrue(faults.stream().anyMatch(fault -> fault.contains(tell)), () -> tell + " is not in " + faults);
    }

    @Test
    @Timeout(600)
    void what_a_kill_lost_is_asked_about_without_anybodys_doing() throws Exception {
        Path home = Files.createDirectory(directory.resolve("home"));
        try (var ledger = Ledger.Running.start(home.resolve("ledger"));
                var client = HttpClient.newHttpClient()) {
            SidecarProcess.configure(home, ledger.url(), UndoRounds.POLICIES);
            Optional<String> lost = Optional.empty();
            for (int kill = 0; lost.isEmpty() && kill < KILLS; kill++) lost = killed(home, ledger, client, "n" + kill);

            try (var guard = SidecarProcess.start(home, client)) {
                guard.awaitReady();
                String path = "/v1/calls/" + lost.orElseThrow();
                String state = "in_doubt";
                while (state.equals("in_doubt")) {
                    Thread.onSpinWait();
                    state = guard.get(Served.ROOT, path).orElseThrow().text("state");
                }
                assertEquals("succeeded", state);
                assertEquals("probe", guard.get(Served.ROOT, path).orElseThrow().text("attested"));
            }
        }
    }

    /// Kills a guard right after a call had its effect.
    ///
    /// @return the call, where the guard did not know that it had
    private static Optional<String> killed(Path home, Ledger.Running ledger, HttpClient client, String nonce)
            throws Exception {
        try (var guard = SidecarProcess.start(home, client)) {
            UndoRounds.awaitTools(guard);
            String call = "{\"tool\":\"ledger.put\",\"run\":\"guard\",\"arguments\":{\"key\":\"k\",\"value\":\"v"
                    + nonce + "\",\"nonce\":\"" + nonce + "\"}}";
            Thread agent = Thread.ofVirtual().start(() -> guard.post(Served.CODER, "/v1/calls", call));
            while (ledger.lines().stream().noneMatch(line -> line.tag().equals(nonce))) Thread.onSpinWait();
            guard.kill();
            agent.join();
        }
        var running = new Document.Tags(null, Status.RUNNING.text(), null);
        try (var store = SqliteStore.open(home.resolve("data"), LogId.EMBEDDED, System::nanoTime)) {
            return store.find(Kind.CALL, running, "", 1).stream()
                    .map(Document::key)
                    .findFirst();
        }
    }
}
