package dev.guardrail.server.console.undo;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.Undoing;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.undo.UndoPart;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Undoes what forms ask for, a few calls at a time, so that nobody waits before a page that says nothing. Leaving the
/// page ends nothing. What is not begun when the guard is closed is not begun: planning it again shows what is left.
@Singleton
@Requires(beans = KeyRing.class)
final class Runs {
    /// Calls that are undone before a page tells of them.
    private static final int AT_ONCE = 8;

    /// Sessions that are undone side by side; more wait for these.
    private static final int SIDE_BY_SIDE = 4;

    private static final int REMEMBERED = 200;
    private static final Duration CLOSING = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

    private final Undoing undoing;
    private final Journal journal;
    private final IdSource ids;
    private final ExecutorService executor;
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private volatile boolean closing;

    Runs(Undoing undoing, Journal journal, SecureRandom random) {
        this.undoing = undoing;
        this.journal = journal;
        this.ids = IdSource.of(journal::now, random);
        this.executor = Executors.newFixedThreadPool(
                SIDE_BY_SIDE,
                Thread.ofPlatform().daemon().name("console-undo-", 0).factory());
    }

    /// Begins to undo.
    ///
    /// @param calls of the session, in the order in which they are tried
    /// @throws Refusal where an undo of the session is at work
    Run start(Visit visit, SessionId session, List<CallId> calls, String reason) {
        Run run = add(visit, session, calls, reason);
        executor.execute(() -> work(run, new Undoing.Wish(visit.caller(), false, reason)));
        return run;
    }

    private synchronized Run add(Visit visit, SessionId session, List<CallId> calls, String reason) {
        if (working(session).isPresent())
            throw new Refusal(
                    ProblemType.CONFLICT, "an undo of this session is at work; look at it before you ask for another");
        var run = new Run(ids.next("run"), session, visit.name(), journal.now(), reason, calls);
        runs.put(run.id(), run);
        var over = runs.values().stream().filter(Run::isOver).map(Run::id).toList();
        over.stream().limit(Math.max(0, runs.size() - REMEMBERED)).forEach(runs::remove);
        return run;
    }

    /// An undo of the session that is not over.
    synchronized Optional<Run> working(SessionId session) {
        return runs.values().stream()
                .filter(run -> run.session().equals(session) && !run.isOver())
                .findFirst();
    }

    synchronized Optional<Run> find(String id) {
        return Optional.ofNullable(runs.get(id));
    }

    @SuppressWarnings("CatchThrowable") // an Error here would leave its page waiting for ever
    private void work(Run run, Undoing.Wish wish) {
        try {
            for (int from = 0; from < run.calls().size(); from += AT_ONCE) {
                if (closing) {
                    run.end("the guard is being closed");
                    return;
                }
                List<CallId> next = run.calls()
                        .subList(from, Math.min(from + AT_ONCE, run.calls().size()));
                run.add(
                        next.size(),
                        undoing.session(run.session(), new UndoPart.Only(new HashSet<>(next)), wish)
                                .steps());
            }
            run.end("");
        } catch (GuardrailException told) {
            run.end(String.valueOf(told.getMessage()));
        } catch (Throwable thrown) {
            LOG.error("undoing failed: {}", Printable.trace(thrown));
            run.end("the guard failed");
        }
    }

    @PreDestroy
    void close() {
        closing = true;
        executor.shutdown();
        try {
            // What is cut off here is in doubt after the next start, as after a crash, and not run again.
            if (!executor.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS))
                LOG.warn("the guard was closed while calls were being undone");
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
