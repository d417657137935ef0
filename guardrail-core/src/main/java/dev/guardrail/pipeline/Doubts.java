package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Recovery;
import dev.guardrail.journal.Status;
import dev.guardrail.undo.Image;
import dev.guardrail.undo.RestorePoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Finds out what became of calls in doubt, where looking tells it: by the operator's `probe`, and of a call that takes
/// another one back also by what lies there. It runs nothing, ever; what cannot be told so a person decides.
///
/// Whoever settles such a call meanwhile is first: what was found is committed over the state that it was asked about.
/// A crash before that leaves the call in doubt.
public final class Doubts {
    private final Journal journal;
    private final Catalogue catalogue;
    private final Sight sight;
    private final Reports reports;

    Doubts(Journal journal, Catalogue catalogue, Sight sight, Reports reports) {
        this.journal = journal;
        this.catalogue = catalogue;
        this.sight = sight;
        this.reports = reports;
    }

    /// Asks about every call whose run a restart lost and whose tool has a probe. One whose server had no answer can be
    /// asked about again.
    ///
    /// @param stop true once there is no more time for it
    /// @return how many of them are in doubt still
    public int ask(BooleanSupplier stop) {
        int left = 0;
        for (Document lost : lost()) {
            if (stop.getAsBoolean()) return left;
            probe(lost);
            if (inDoubt(new CallId(lost.key())).isPresent()) left++;
        }
        return left;
    }

    private List<Document> lost() {
        return journal.all(Kind.CALL, new Document.Tags(null, Status.IN_DOUBT.text(), null)).stream()
                .filter(this::isLost)
                .toList();
    }

    private boolean isLost(Document document) {
        CallRecord call = CallRecord.of(document.value());
        return call.error().equals(Recovery.LOST) && probeOf(call).isPresent();
    }

    /// The call as it stands once everything was told that looking tells, of itself or of what takes it back.
    CallRecord told(CallRecord call) {
        if (call.status() == Status.IN_DOUBT) inDoubt(call.id()).ifPresent(this::probe);
        else if (call.reversal().claim().isPresent())
            told(call, call.reversal().claim().get());
        else return call;
        return CallRecord.of(Ownership.call(journal, call.id()).value());
    }

    private void told(CallRecord undone, CallId by) {
        inDoubt(by).ifPresent(this::probe);
        inDoubt(by).ifPresent(doubtful -> compare(undone, doubtful));
    }

    private Optional<Document> inDoubt(CallId id) {
        return journal.get(Kind.CALL, id.value())
                .filter(document -> CallRecord.of(document.value()).status() == Status.IN_DOUBT);
    }

    private Optional<UndoHook.Probe> probeOf(CallRecord call) {
        return catalogue.find(call.tool()).flatMap(ToolDefinition::undo).flatMap(UndoHook::probe);
    }

    private void probe(Document doubtful) {
        CallRecord call = CallRecord.of(doubtful.value());
        Optional<UndoHook.Probe> probe = probeOf(call);
        if (probe.isEmpty()) return;
        switch (sight.now(call, probe.get().look(), sight.roots(call, Optional.empty()))) {
            case Image.Present found -> reports.found(doubtful, true, "");
            case Image.Absent absent -> {
                boolean late = journal.now().isBefore(call.at().plus(probe.get().absentAfter()));
                if (!late) reports.found(doubtful, false, "absent");
            }
            case Image.Unseen unseen -> {}
        }
    }

    /// What lies there is what lay there before the call: it is taken back. What lies there is what the call left:
    /// it is not, as long as nothing can come late.
    private void compare(CallRecord undone, Document doubtful) {
        Optional<RestorePoint> point = sight.point(undone);
        Optional<Image> was = point.flatMap(RestorePoint::was);
        Optional<UndoHook.Look> check = point.flatMap(RestorePoint::check);
        if (was.isEmpty() || check.isEmpty()) return;
        Map<String, Json> roots = sight.roots(undone, point);
        Optional<Sha256> now = sight.kept(sight.now(undone, check.get(), roots));
        if (now.isEmpty()) return;
        if (now.equals(sight.kept(was.get()))) reports.found(doubtful, true, "");
        else if (now.equals(undone.reversal().after()) && isHarmlessLate(CallRecord.of(doubtful.value())))
            reports.found(doubtful, false, "unchanged");
    }

    /// True where it does no harm if the call comes through after all.
    static boolean isHarmlessLate(CallRecord call) {
        return call.idempotent() || call.tool().isUndo();
    }
}
