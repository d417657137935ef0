package dev.guardrail.server.console.undo;

import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.undo.UndoStep;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// Undoing at work, or done: what came of each call so far. It is known to this process alone; how the calls stand is
/// in their documents. Safe for concurrent use.
final class Run {
    private final String id;
    private final SessionId session;
    private final String by;
    private final Instant at;
    private final String reason;
    private final List<CallId> calls;
    private final Map<CallId, UndoStep> came = new LinkedHashMap<>();
    private int tried;
    private final CountDownLatch end = new CountDownLatch(1);
    private String fault = "";

    /// @param calls in the order in which they are tried
    Run(String id, SessionId session, String by, Instant at, String reason, List<CallId> calls) {
        this.id = id;
        this.session = session;
        this.by = by;
        this.at = at;
        this.reason = reason;
        this.calls = List.copyOf(calls);
    }

    String id() {
        return id;
    }

    SessionId session() {
        return session;
    }

    String by() {
        return by;
    }

    Instant at() {
        return at;
    }

    String reason() {
        return reason;
    }

    List<CallId> calls() {
        return calls;
    }

    /// What came of it so far.
    synchronized Map<CallId, UndoStep> came() {
        return new LinkedHashMap<>(came);
    }

    synchronized String fault() {
        return fault;
    }

    /// The next calls were tried.
    ///
    /// @param steps what came of them; none of a call of which was found out that it did nothing
    synchronized void add(int calls, List<UndoStep> steps) {
        tried += calls;
        for (UndoStep step : steps) came.put(step.call(), step);
    }

    /// Those that were tried.
    synchronized List<CallId> tried() {
        return calls.subList(0, tried);
    }

    /// @param why it ended before its time; empty where it did not
    void end(String why) {
        synchronized (this) {
            fault = why;
        }
        end.countDown();
    }

    boolean isOver() {
        return end.getCount() == 0;
    }

    CountDownLatch end() {
        return end;
    }
}
