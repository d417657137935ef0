package dev.guardrail.server.crash;

import dev.guardrail.journal.LogId;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.store.SqliteStore;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Kills sidecars at random moments while agents change a [Ledger] through them and operators take that back, goes on
/// with what each kill left, and looks at what came of it; again and again.
final class UndoRounds implements AutoCloseable {
    /// Rounds on one home, before a fresh one.
    private static final int LIVES = 10;

    /// Most answers that a guard gives before it is killed.
    private static final int ANSWERS = 60;

    static final String POLICIES = """
            apiVersion: guardrail/v1
            kind: Tools
            server: ledger
            tools:
              get: {effect: read}
              done: {effect: read}
              put:
                effect: write
                undo:
                  before: {tool: get, args: {key: "${args.key}", call: "${call.id}"}, absentAs: null}
                  compensate:
                    tool: restore
                    args: {key: "${args.key}", value: "${before.content[0].text}", call: "${call.id}"}
                  whenAbsent: {tool: remove, args: {key: "${args.key}", call: "${call.id}"}}
                  probe: {tool: done, args: {nonce: "${args.nonce}"}, absentAs: null, absentAfter: 1ms}
              delete:
                effect: write
                undo:
                  before: {tool: get, args: {key: "${args.key}", call: "${call.id}"}, absentAs: null}
                  compensate:
                    tool: restore
                    args: {key: "${args.key}", value: "${before.content[0].text}", call: "${call.id}"}
              restore: {effect: write, idempotent: true}
              remove: {effect: write}
            ---
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: ledger}
            rules:
              - {id: acts, match: {tools: [ledger.put, ledger.delete]}, effect: allow, undo: required}
              - {id: rest, match: {tools: [ledger.get, ledger.done, ledger.restore, ledger.remove]}, effect: allow}
            """;

    private final Path directory;
    private final Random random;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<KillPhase, Integer> phases = new EnumMap<>(KillPhase.class);
    private final Map<String, Long> settled = new TreeMap<>();
    private final Set<String> counted = new HashSet<>();
    private int rounds;
    private int homes;
    private int sessions;
    private int whole;
    private int races;
    private @Nullable Path latest;
    private List<UndoneSession> judged = List.of();
    private long acted;
    private long tookBack;
    private long again;

    /// How long a start took last, in milliseconds.
    private int start = 1_000;

    /// @param seed of the moments of the kills
    UndoRounds(Path directory, long seed) {
        this.directory = directory;
        this.random = new Random(seed);
    }

    /// Adds so many rounds, on fresh homes.
    ///
    /// @return broken promises of the first round that had any; empty where none did
    List<String> run(int more) throws Exception {
        int count = rounds + more;
        while (rounds < count) {
            Path home = Files.createDirectories(directory.resolve("home" + homes++));
            List<String> faults = home(home, Math.min(LIVES, count - rounds));
            if (!faults.isEmpty()) return faults;
        }
        return List.of();
    }

    private List<String> home(Path home, int lives) throws Exception {
        try (var ledger = Ledger.Running.start(home.resolve("ledger"))) {
            SidecarProcess.configure(home, ledger.url(), POLICIES);
            var load = new UndoLoad(ledger, client);
            for (int life = 0; life < lives; life++) {
                rounds++;
                boolean served = live(home, load);
                List<String> faults = look(home, load, served);
                if (!faults.isEmpty()) return faults;
            }
            try (var guard = SidecarProcess.start(home, client)) {
                awaitTools(guard);
                settle(guard, load);
            }
            return last(home, load);
        }
    }

    /// @return false where it was killed before it served anybody
    private boolean live(Path home, UndoLoad load) throws Exception {
        try (var guard = SidecarProcess.start(home, client)) {
            int kind = random.nextInt(6);
            if (kind == 0) {
                guard.work(Duration.ofMillis(random.nextInt(start)));
                guard.kill();
                count(KillPhase.RECOVERY);
                return false;
            }
            start = awaitTools(guard);
            if (kind == 1 && load.sessions.stream().anyMatch(session -> !session.closed)) {
                count(KillPhase.RECOVERY);
                killed(guard, load, random.nextInt(3), List.of(() -> settle(guard, load)));
                return true;
            }
            settle(guard, load);
            var agents = new ArrayList<Callable<Boolean>>();
            for (int agent = 0; agent < UndoLoad.AGENTS; agent++) {
                long seed = random.nextLong();
                agents.add(() -> {
                    load.work(guard, seed);
                    return true;
                });
            }
            killed(guard, load, random.nextInt(ANSWERS), agents);
            return true;
        }
    }

    /// Kills a guard while it is at work, some time after so many answers more or once nothing is left to be done, and
    /// waits for those it worked for.
    private void killed(SidecarProcess guard, UndoLoad load, int answers, List<Callable<Boolean>> work)
            throws IOException, InterruptedException, ExecutionException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int enough = load.answers.get() + answers;
            var running = work.stream().map(threads::submit).toList();
            while (load.answers.get() < enough && !running.stream().allMatch(Future::isDone))
                guard.work(Duration.ofMillis(1));
            guard.work(Duration.ofNanos(random.nextInt(40_000_000)));
            guard.kill();
            for (var done : running) done.get();
        }
    }

    /// Waits until the guard reaches the ledger.
    ///
    /// @return how long that took, in milliseconds
    static int awaitTools(SidecarProcess guard) throws IOException {
        long began = System.nanoTime();
        guard.awaitReady();
        String look = "{\"tool\":\"ledger.get\",\"run\":\"guard\",\"arguments\":{\"key\":\"ready\"}}";
        while (true) {
            String state = guard.post(Served.CODER, "/v1/calls", look)
                    .map(answer -> answer.text("state"))
                    .orElseThrow(() -> new IOException("it died by itself"));
            // There is no such key, which only the ledger knows.
            if (state.equals("failed")) return (int) ((System.nanoTime() - began) / 1_000_000);
        }
    }

    private static boolean settle(SidecarProcess guard, UndoLoad load) {
        for (UndoneSession session : load.sessions) if (!session.closed && !load.settle(guard, session)) return false;
        return true;
    }

    private void count(KillPhase phase) {
        phases.merge(phase, 1, Integer::sum);
    }

    private List<String> look(Path home, UndoLoad load, boolean served) throws IOException {
        if (Files.notExists(home.resolve("data"))) return List.of();
        try (var store = SqliteStore.open(home.resolve("data"), LogId.EMBEDDED, System::nanoTime)) {
            var faults = new ArrayList<>(load.broken);
            LogAudit.of(HeldLog.of(store)).fault().ifPresent(fault -> faults.add("verify: " + fault.sentence()));
            var evidence = UndoEvidence.of(home.resolve("ledger"), store);
            faults.addAll(evidence.faults(load.sessions));
            if (served) load.sessions.forEach(session -> count(evidence, session));
            return faults;
        }
    }

    /// Each call and each request for an undo that a kill found is counted once.
    private void count(UndoEvidence evidence, UndoneSession session) {
        boolean undoing = session.undoing != null;
        var phase = evidence.phase(session);
        if (phase.isEmpty() || !undoing && !counted.add(session.acts.getLast().nonce())) return;
        count(phase.get());
        session.undoing = null;
    }

    private List<String> last(Path home, UndoLoad load) throws Exception {
        List<String> faults = look(home, load, false);
        String said = SidecarProcess.run(home, "verify");
        if (!said.startsWith("Sound: ")) faults.add("verify: " + said);
        try (var store = SqliteStore.open(home.resolve("data"), LogId.EMBEDDED, System::nanoTime)) {
            var evidence = UndoEvidence.of(home.resolve("ledger"), store);
            for (UndoneSession session : load.sessions) {
                sessions++;
                if (!session.closed) faults.add(session.id + " was not gone on with");
                else if (evidence.isWhole(session)) whole++;
            }
            acted += evidence.acted();
            tookBack += evidence.tookBack();
            again += evidence.again();
            races += load.races.get();
            latest = home;
            judged = load.sessions;
            evidence.settledBy().forEach((who, count) -> settled.merge(who, count, Long::sum));
        }
        return faults;
    }

    /// Judges the latest home once more.
    ///
    /// @param plant changes what happened there
    List<String> planted(UnaryOperator<List<Ledger.Line>> plant) throws IOException {
        Path home = Objects.requireNonNull(latest);
        try (var store = SqliteStore.open(home.resolve("data"), LogId.EMBEDDED, System::nanoTime)) {
            return UndoEvidence.of(home.resolve("ledger"), store, plant).faults(judged);
        }
    }

    /// True for an effect that an agent was told of: nobody may lose it.
    boolean isTold(Ledger.Line line) {
        return judged.stream()
                .flatMap(session -> session.acts.stream())
                .anyMatch(act -> act.isTold() && act.nonce().equals(line.tag()));
    }

    /// Phases that no kill has hit.
    Set<KillPhase> missed() {
        var missed = EnumSet.allOf(KillPhase.class);
        missed.removeAll(phases.keySet());
        return missed;
    }

    long tookBack() {
        return tookBack;
    }

    @Override
    public String toString() {
        return rounds + " rounds: " + sessions + " sessions, " + whole + " of them as before to the last key, " + acted
                + " effects of calls, " + tookBack + " effects of undos, " + again
                + " undos found not to have run and run again, " + races + " pairs of operators; doubt settled "
                + settled + "; kills " + phases;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
