package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import dev.guardrail.undo.UndoPart;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Calls that may have changed something, the last one first: as their outcomes stand in the log.
record Effects(Journal journal, Catalogue catalogue) {
    private static final int PAGE = 500;

    private static final Set<Status> MAY_HAVE_ACTED =
            Set.of(Status.SUCCEEDED, Status.UNDO_FAILED, Status.UNDONE, Status.RUNNING, Status.IN_DOUBT);

    /// @throws Refusal where there is no such session, or it has no such call
    List<CallRecord> of(SessionId session, UndoPart part) {
        if (journal.get(Kind.SESSION, session.value()).isEmpty()) throw Ownership.nothing("session", session.value());
        return switch (part) {
            case UndoPart.All all -> all(session);
            case UndoPart.Only(Set<CallId> calls) -> only(all(session), calls);
            case UndoPart.From(CallId call) -> from(all(session), call);
            case UndoPart.Since(Instant time) -> records(Optional.of(session), time);
        };
    }

    /// @param agent of this one alone; of all where it is empty
    List<CallRecord> since(Instant time, Optional<String> agent) {
        return records(Optional.empty(), time).stream()
                .filter(call -> agent.isEmpty() || agent.get().equals(call.agent()))
                .toList();
    }

    private List<CallRecord> all(SessionId session) {
        return records(Optional.of(session), Instant.EPOCH);
    }

    private static List<CallRecord> only(List<CallRecord> calls, Set<CallId> named) {
        for (CallId id : named) at(calls, id);
        return calls.stream().filter(call -> named.contains(call.id())).toList();
    }

    private static List<CallRecord> from(List<CallRecord> calls, CallId first) {
        return calls.subList(0, at(calls, first) + 1);
    }

    private static int at(List<CallRecord> calls, CallId id) {
        for (int i = 0; i < calls.size(); i++) if (calls.get(i).id().equals(id)) return i;
        throw new Refusal(
                ProblemType.NOT_FOUND,
                "there is no call `" + id.value() + "` in this session that may have changed anything");
    }

    private List<CallRecord> records(Optional<SessionId> session, Instant since) {
        SequencedSet<CallId> ids = new LinkedHashSet<>();
        for (Status open : List.of(Status.RUNNING, Status.IN_DOUBT)) ids.addAll(open(session, open, since));
        settled(session.map(SessionId::value).orElse(null), since, ids);
        return records(ids);
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

    /// True where a call was done, or may have been, and was no read.
    boolean mayHaveChanged(CallRecord call) {
        boolean reads = catalogue
                .find(call.tool())
                .filter(tool -> tool.effect() == ToolEffect.READ)
                .isPresent();
        return call.purpose() == Purpose.ACT && MAY_HAVE_ACTED.contains(call.status()) && !reads;
    }

    /// Calls whose outcome is not known, which no outcome in the log needs to name.
    private List<CallId> open(Optional<SessionId> session, Status status, Instant since) {
        var tags = new Document.Tags(session.map(SessionId::value).orElse(null), status.text(), null);
        var calls = new ArrayList<CallId>();
        List<Document> page = journal.find(Kind.CALL, tags, "", PAGE);
        while (!page.isEmpty()) {
            for (Document document : page) {
                CallRecord call = CallRecord.of(document.value());
                if (!call.at().isBefore(since)) calls.add(call.id());
            }
            page = journal.find(Kind.CALL, tags, page.getLast().key(), PAGE);
        }
        return calls.reversed();
    }

    /// Adds calls by their outcomes, the newest first; one of several outcomes stands where its first does.
    private void settled(@Nullable String session, Instant since, SequencedSet<CallId> calls) {
        var query = new Store.Query(null, session, null, null, null, "executed");
        long before = Long.MAX_VALUE;
        try {
            while (true) {
                List<Store.Found> page = journal.store().search(query, before, PAGE);
                for (Store.Found found : page) {
                    var entry = (JsonObject) StrictJson.parse(found.bytes());
                    if (Instant.parse(entry.text("at").orElseThrow()).isBefore(since)) return;
                    calls.addLast(new CallId(entry.text("call").orElseThrow()));
                    before = found.seq();
                }
                if (page.size() < PAGE) return;
            }
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }
}
