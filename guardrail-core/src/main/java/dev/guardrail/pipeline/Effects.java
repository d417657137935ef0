package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import dev.guardrail.undo.UndoPart;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Calls that may have changed something, the last one first: as their outcomes stand in the log.
record Effects(Journal journal, Catalogue catalogue) {
    private static final int PAGE = 500;

    /// The kind of entry that says what came of a call.
    private static final String OUTCOME = "executed";

    private static final Set<Status> MAY_HAVE_ACTED =
            Set.of(Status.SUCCEEDED, Status.UNDO_FAILED, Status.UNDONE, Status.RUNNING, Status.IN_DOUBT);

    /// @throws Refusal where there is no such session, or it has no such call
    List<CallRecord> of(SessionId session, UndoPart part) {
        if (journal.get(Kind.SESSION, session.value()).isEmpty()) throw Ownership.nothing("session", session.value());
        return switch (part) {
            case UndoPart.All all -> all(session);
            case UndoPart.Only(Set<CallId> calls) -> only(session, calls);
            case UndoPart.From(CallId call) -> from(all(session), call);
            case UndoPart.Since(Instant time) -> records(ids(Optional.of(session), time));
        };
    }

    /// @param agent of this one alone; of all where it is empty
    /// @param only these of them; all where it is empty
    List<CallRecord> since(Instant time, Optional<String> agent, Set<CallId> only) {
        var ids = ids(Optional.empty(), time);
        if (!only.isEmpty()) ids.retainAll(only);
        return records(ids).stream()
                .filter(call -> agent.isEmpty() || agent.get().equals(call.agent()))
                .toList();
    }

    private List<CallRecord> all(SessionId session) {
        return records(ids(Optional.of(session), Instant.EPOCH));
    }

    /// Each by itself, so that few of a long session cost little.
    private List<CallRecord> only(SessionId session, Set<CallId> named) {
        return named.stream()
                .map(id -> records(List.of(id)).stream()
                        .filter(call -> call.session().equals(session))
                        .findFirst()
                        .orElseThrow(() -> none(id)))
                .map(call -> Map.entry(place(call.id()), call))
                .sorted(Map.Entry.<Long, CallRecord>comparingByKey()
                        .thenComparing(entry -> entry.getValue().id().value())
                        .reversed())
                .map(Map.Entry::getValue)
                .toList();
    }

    /// Where its first outcome stands in the log; behind all others where it has none.
    private long place(CallId call) {
        var query = new Store.Query(call.value(), null, null, null, null, OUTCOME);
        List<Store.Found> outcomes = journal.search(query, Long.MAX_VALUE, PAGE);
        return outcomes.isEmpty() ? Long.MAX_VALUE : outcomes.getLast().seq();
    }

    private static List<CallRecord> from(List<CallRecord> calls, CallId first) {
        for (int i = 0; i < calls.size(); i++) if (calls.get(i).id().equals(first)) return calls.subList(0, i + 1);
        throw none(first);
    }

    private static Refusal none(CallId id) {
        return new Refusal(
                ProblemType.NOT_FOUND,
                "there is no call `" + id.value() + "` in this session that may have changed anything");
    }

    private SequencedSet<CallId> ids(Optional<SessionId> session, Instant since) {
        SequencedSet<CallId> ids = new LinkedHashSet<>();
        for (Status open : List.of(Status.RUNNING, Status.IN_DOUBT)) ids.addAll(open(session, open, since));
        settled(session.map(SessionId::value).orElse(null), since, ids);
        return ids;
    }

    private List<CallRecord> records(Collection<CallId> ids) {
        var calls = new ArrayList<CallRecord>(ids.size());
        for (CallId id : ids)
            journal.get(Kind.CALL, id.value())
                    .map(document -> CallRecord.of(document.value()))
                    .filter(this::mayHaveChanged)
                    .ifPresent(calls::add);
        return calls;
    }

    /// True where a call was done, or may have been, and was no read. One that failed counts where it was seen to have
    /// changed something.
    boolean mayHaveChanged(CallRecord call) {
        boolean reads = catalogue
                .find(call.tool())
                .filter(tool -> tool.effect() == ToolEffect.READ)
                .isPresent();
        boolean acted = MAY_HAVE_ACTED.contains(call.status())
                || call.status() == Status.FAILED && call.reversal().after().isPresent();
        return call.purpose() == Purpose.ACT && acted && !reads;
    }

    /// Calls whose outcome is not known, which no outcome in the log needs to name.
    private List<CallId> open(Optional<SessionId> session, Status status, Instant since) {
        var tags = new Document.Tags(session.map(SessionId::value).orElse(null), status.text(), null);
        return journal.all(Kind.CALL, tags).reversed().stream()
                .map(document -> CallRecord.of(document.value()))
                .filter(call -> !call.at().isBefore(since))
                .map(CallRecord::id)
                .toList();
    }

    /// Adds calls by their outcomes, the newest first; one of several outcomes stands where its first does.
    private void settled(@Nullable String session, Instant since, SequencedSet<CallId> calls) {
        var query = new Store.Query(null, session, null, null, null, OUTCOME);
        long before = Long.MAX_VALUE;
        while (true) {
            List<Store.Found> page = journal.search(query, before, PAGE);
            for (Store.Found found : page) {
                JsonObject entry = found.entry();
                if (Instant.parse(entry.text("at").orElseThrow()).isBefore(since)) return;
                calls.addLast(new CallId(entry.text("call").orElseThrow()));
                before = found.seq();
            }
            if (page.size() < PAGE) return;
        }
    }
}
