package dev.guardrail.registry;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.session.Attestation;
import dev.guardrail.session.PastCall;
import dev.guardrail.session.Trajectory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The windows of past calls, kept in memory for the sessions used last and rebuilt from the log for others.
final class Trajectories {
    private static final int SESSIONS = 10_000;
    /// Larger arguments are not kept in the window; a condition that reads them fails, which narrows.
    private static final int ARGUMENT_BYTES = 16 * 1024;

    private final Journal journal;
    private final Map<SessionId, Window> windows = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionId, Window> eldest) {
            return size() > SESSIONS;
        }
    });

    Trajectories(Journal journal) {
        this.journal = journal;
    }

    Trajectory of(SessionId session) {
        return windows.computeIfAbsent(session, Window::new).get();
    }

    void add(SessionId session, CallId call, PastCall past) {
        windows.computeIfAbsent(session, Window::new).add(call, past);
    }

    void forget(SessionId session) {
        windows.remove(session);
    }

    static PastCall bounded(PastCall past) {
        return JsonWriter.bytes(past.arguments()).length <= ARGUMENT_BYTES
                ? past
                : PastCall.unknown(past.tool(), past.ok(), past.time());
    }

    /// One session's window. The log is read at first use, under the window's own lock.
    private final class Window {
        private final SessionId session;
        private @Nullable Trajectory trajectory;
        private @Nullable CallId latest;

        Window(SessionId session) {
            this.session = session;
        }

        synchronized Trajectory get() {
            Trajectory known = trajectory;
            if (known == null) trajectory = known = load();
            return known;
        }

        synchronized void add(CallId call, PastCall past) {
            // Loaded after the outcome was committed, the log already holds it: it is not added twice.
            boolean fresh = trajectory == null;
            Trajectory known = get();
            if (!fresh || !call.equals(latest)) trajectory = known.and(bounded(past));
        }

        private Trajectory load() {
            var query = new Store.Query(null, session.value(), null, null, null, "executed");
            var calls = new ArrayList<PastCall>();
            boolean complete = true;
            List<Store.Found> found = journal.search(query, Long.MAX_VALUE, 4 * Trajectory.WINDOW);
            for (Store.Found each : found) {
                var outcome = each.entry();
                if (!counts(outcome)) continue;
                Optional<Document> call =
                        journal.get(Kind.CALL, outcome.text("call").orElseThrow());
                if (call.filter(Window::undoes).isPresent()) continue;
                if (calls.isEmpty()) latest = new CallId(outcome.text("call").orElseThrow());
                if (calls.size() == Trajectory.WINDOW) {
                    complete = false;
                    break;
                }
                calls.add(past(outcome, call));
            }
            complete &= found.size() < 4 * Trajectory.WINDOW;
            Collections.reverse(calls);
            return new Trajectory(calls, complete);
        }

        private boolean counts(JsonObject outcome) {
            String attested = outcome.text("attested").orElse("");
            String status = outcome.text("status").orElse("");
            return Stream.of(Attestation.values())
                            .anyMatch(who -> who.counts() && who.text().equals(attested))
                    && (status.equals("succeeded") || status.equals("failed"));
        }

        /// What an operator takes back is none of the agent's calls.
        private static boolean undoes(Document call) {
            return CallRecord.of(call.value()).purpose() == Purpose.UNDO;
        }

        private PastCall past(JsonObject outcome, Optional<Document> call) {
            var tool = ToolName.parse(outcome.text("tool").orElseThrow());
            boolean ok = outcome.text("status").orElseThrow().equals("succeeded");
            Instant at = Instant.parse(outcome.text("at").orElseThrow());
            Optional<Json> arguments = call.filter(document -> document.value().isTrue("whole"))
                    .flatMap(document -> journal.body(document.key() + "/arguments"));
            return arguments.isPresent() && arguments.get() instanceof JsonObject object
                    ? bounded(new PastCall(tool, object, ok, at))
                    : PastCall.unknown(tool, ok, at);
        }
    }
}
