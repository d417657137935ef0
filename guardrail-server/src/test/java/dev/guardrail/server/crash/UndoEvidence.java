package dev.guardrail.server.crash;

import dev.guardrail.call.CallId;
import dev.guardrail.call.Purpose;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// What a killed guard has left, held against what happened in the ledger and what people were told.
final class UndoEvidence {
    private static final Set<Status> ACTED = Set.of(Status.SUCCEEDED, Status.UNDONE, Status.UNDO_FAILED);

    private final List<Ledger.Line> lines;
    private final Set<String> looks = new HashSet<>();
    private final Map<String, Long> looksAt;
    private final Map<String, CallRecord> calls;
    private final List<String> faults = new ArrayList<>();

    UndoEvidence(List<Ledger.Line> lines, List<String> looks, Map<String, CallRecord> calls) {
        this.lines = lines;
        this.calls = calls;
        this.looksAt = looks.stream().collect(Collectors.groupingBy(look -> look.split(" ")[0], Collectors.counting()));
        looks.forEach(look -> this.looks.add(look.split(" ")[1] + " " + look.split(" ")[0]));
    }

    static UndoEvidence of(Path ledger, Store store) throws IOException {
        return of(ledger, store, lines -> lines);
    }

    /// @param plant changes what happened, as a guard would have that breaks a promise
    static UndoEvidence of(Path ledger, Store store, UnaryOperator<List<Ledger.Line>> plant) throws IOException {
        var calls = new LinkedHashMap<String, CallRecord>();
        var page = store.find(Kind.CALL, Document.Tags.NONE, "", 1_000);
        while (!page.isEmpty()) {
            page.forEach(document -> calls.put(document.key(), CallRecord.of(document.value())));
            page = store.find(Kind.CALL, Document.Tags.NONE, page.getLast().key(), 1_000);
        }
        return new UndoEvidence(plant.apply(Ledger.lines(ledger)), Told.wholeLines(Ledger.looks(ledger)), calls);
    }

    /// One sentence for each promise that was broken.
    List<String> faults(List<UndoneSession> sessions) {
        everythingHappensOnce();
        whatTakesBackIsKnown();
        sessions.forEach(this::nothingToldIsLost);
        sessions.stream().filter(session -> session.closed).forEach(this::standsAsItShould);
        return faults;
    }

    private void expect(boolean holds, String fault) {
        if (!holds) faults.add(fault);
    }

    private void everythingHappensOnce() {
        var seen = new HashSet<String>();
        for (Ledger.Line line : lines) expect(seen.add(line.tag()), line.tag() + " had its effect twice: " + line);
    }

    private boolean happened(String tag) {
        return lines.stream().anyMatch(line -> line.tag().equals(tag));
    }

    /// Exactly once for each call that is undone, and never for one that is not.
    private void whatTakesBackIsKnown() {
        var tookBack = lines.stream()
                .filter(Ledger.Line::takesBack)
                .map(Ledger.Line::tag)
                .collect(Collectors.toSet());
        for (String call : tookBack) expect(calls.containsKey(call), call + " was taken back and is not known");
        calls.forEach((id, call) -> {
            if (call.purpose() == Purpose.UNDO) return;
            boolean open = call.reversal().claim().isPresent();
            if (call.status() == Status.UNDONE)
                expect(tookBack.contains(id), id + " is undone and nothing took it back");
            else if (!open) expect(!tookBack.contains(id), id + " is " + call.status() + " and was taken back");
        });
    }

    private void nothingToldIsLost(UndoneSession session) {
        for (UndoneSession.Act act : session.acts) {
            if (!act.isTold()) continue;
            CallRecord call = calls.get(act.call());
            expect(call != null, act.call() + " was told of and is gone");
            if (call == null) continue;
            expect(ACTED.contains(call.status()), act.call() + " was told of as done and is " + call.status());
            expect(happened(act.nonce()), act.call() + " was told of as done and had no effect");
        }
        for (String undone : session.toldUndone) {
            CallRecord call = calls.get(undone);
            expect(
                    call != null && call.status() == Status.UNDONE,
                    undone + " was told of as undone and is " + (call == null ? "gone" : call.status()));
        }
    }

    /// Nothing is left in doubt, what could be taken back was, and each key holds what it should.
    private void standsAsItShould(UndoneSession session) {
        var expected = new TreeMap<>(session.before);
        var kept = new HashSet<String>();
        for (UndoneSession.Act act : session.acts.reversed()) {
            Optional<CallRecord> call = record(session, act);
            boolean acted = happened(act.nonce());
            expect(
                    acted
                            == call.filter(known -> ACTED.contains(known.status()))
                                    .isPresent(),
                    "`" + act.nonce() + "` acted: " + acted + ", and is " + call.map(CallRecord::status));
            if (!acted || call.isEmpty() || call.get().status() == Status.UNDONE) continue;
            boolean unseen = call.get().reversal().after().isEmpty();
            expect(
                    unseen || kept.contains(act.key()),
                    call.get().id() + " is " + call.get().status() + " though nothing stood against its undo");
            if (kept.add(act.key())) {
                if (act.value().isEmpty()) expected.remove(act.key());
                else expected.put(act.key(), act.value());
            }
        }
        expect(expected.equals(state(session)), session.id + " has " + state(session) + " and not " + expected);
        of(session).forEach(call -> {
            boolean settled = call.status() != Status.RUNNING && call.status() != Status.IN_DOUBT;
            expect(settled && call.reversal().claim().isEmpty(), call.id() + " is " + call.status() + " still");
        });
    }

    /// True where a closed session is as it was before to the last key.
    boolean isWhole(UndoneSession session) {
        return session.before.equals(state(session));
    }

    private Map<String, String> state(UndoneSession session) {
        var state = new TreeMap<String, String>();
        for (Ledger.Line line : lines) {
            if (!line.key().startsWith(session.id + "/")) continue;
            if (line.value().isEmpty()) state.remove(line.key());
            else state.put(line.key(), line.value());
        }
        return state;
    }

    private List<CallRecord> of(UndoneSession session) {
        return calls.values().stream()
                .filter(call -> call.session().value().equals(session.id))
                .sorted(Comparator.comparing((CallRecord call) -> call.id().value()))
                .toList();
    }

    /// The call of which its agent was told, or the only one of which it was not.
    private Optional<CallRecord> record(UndoneSession session, UndoneSession.Act act) {
        if (act.isTold()) return Optional.ofNullable(calls.get(act.call()));
        Set<String> told = session.acts.stream().map(UndoneSession.Act::call).collect(Collectors.toSet());
        return of(session).stream()
                .filter(call -> call.purpose() == Purpose.ACT && call.status() != Status.DENIED)
                .filter(call -> !told.contains(call.id().value()))
                .findFirst();
    }

    /// Where the kill found what was on its way for this session.
    Optional<KillPhase> phase(UndoneSession session) {
        if (session.closed) return Optional.empty();
        if (session.undoing != null) return Optional.of(undoing(session, session.undoing));
        return session.inFlight().flatMap(act -> acting(session, act));
    }

    private Optional<KillPhase> acting(UndoneSession session, UndoneSession.Act act) {
        Optional<CallRecord> call = record(session, act);
        if (call.isEmpty()) {
            Set<String> known = calls.keySet();
            boolean looked = looks.stream()
                    .anyMatch(look -> look.startsWith(act.key() + " ") && !known.contains(look.split(" ")[1]));
            return looked ? Optional.of(KillPhase.CAPTURE) : Optional.empty();
        }
        if (call.get().status() != Status.RUNNING) return Optional.of(KillPhase.OUTCOME);
        if (!happened(act.nonce())) return Optional.of(KillPhase.INTENT);
        boolean twice = looksAt.getOrDefault(call.get().id().value(), 0L) >= 2;
        return Optional.of(twice ? KillPhase.AFTER_LOOK : KillPhase.RUN);
    }

    private KillPhase undoing(UndoneSession session, String wanted) {
        Optional<String> running = of(session).stream()
                .filter(call -> call.purpose() == Purpose.UNDO && call.status() == Status.RUNNING)
                .flatMap(call -> call.reversal().undoes().stream())
                .map(CallId::value)
                .findFirst();
        if (running.isPresent())
            return lines.stream()
                            .anyMatch(line -> line.takesBack() && line.tag().equals(running.get()))
                    ? KillPhase.COMPENSATION
                    : KillPhase.CLAIM;
        boolean all = of(session).stream()
                .filter(call -> call.purpose() == Purpose.ACT && ACTED.contains(call.status()))
                .filter(call -> wanted.equals("*") || call.id().value().equals(wanted))
                .allMatch(call -> call.status() == Status.UNDONE);
        return all ? KillPhase.SETTLED : KillPhase.UNDO_LOOK;
    }

    /// Calls that somebody settled so, by the word of who said it and what they are for.
    Map<String, Long> settledBy() {
        var settled = new HashMap<String, Long>();
        for (CallRecord call : calls.values())
            if (call.attested().equals("probe") || call.attested().equals("operator"))
                settled.merge(call.attested() + " " + call.purpose(), 1L, Long::sum);
        return settled;
    }

    long acted() {
        return lines.stream().filter(Ledger.Line::isActed).count();
    }

    long tookBack() {
        return lines.stream().filter(Ledger.Line::takesBack).count();
    }

    /// Undo calls that failed: they were found not to have run, and were tried again.
    long again() {
        return calls.values().stream()
                .filter(call -> call.purpose() == Purpose.UNDO && call.status() == Status.FAILED)
                .count();
    }
}
