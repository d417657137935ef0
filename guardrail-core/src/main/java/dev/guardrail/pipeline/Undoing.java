package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.undo.Compensation;
import dev.guardrail.undo.Extent;
import dev.guardrail.undo.Image;
import dev.guardrail.undo.Lanes;
import dev.guardrail.undo.Names;
import dev.guardrail.undo.RestorePoint;
import dev.guardrail.undo.UndoPart;
import dev.guardrail.undo.UndoPlan;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Takes calls back, for operators: each by a call of its own that goes down the whole path. What stands against one
/// step is told and leaves the others; running it again goes on with what is left.
///
/// Longer than other classes: a plan and a run judge the same steps in the same order.
public final class Undoing {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static final String CHANGED = "it was changed since by somebody else";

    /// Word of places that are filled with what is there right before.
    private static final Set<String> NOW = Set.of("now");

    private final Journal journal;
    private final Catalogue catalogue;
    private final Sight sight;
    private final Doubts doubts;
    private final Retries retries;
    private final Stage<Asked, Judged> judging;
    private final Function<Asked, Reply> walk;
    private final Effects effects;
    private final Witness witness;

    /// @param judging the path up to the decision, which changes nothing
    /// @param walk the whole path
    Undoing(
            Journal journal,
            Catalogue catalogue,
            Sight sight,
            Doubts doubts,
            Retries retries,
            Stage<Asked, Judged> judging,
            Function<Asked, Reply> walk,
            Witness witness) {
        this.journal = journal;
        this.catalogue = catalogue;
        this.sight = sight;
        this.doubts = doubts;
        this.retries = retries;
        this.judging = judging;
        this.walk = walk;
        this.effects = new Effects(journal, catalogue);
        this.witness = witness;
    }

    /// What is wanted.
    ///
    /// @param plan true where nothing is to be changed
    /// @param most calls that are taken back before it returns; what is left is `ready`
    public record Wish(Caller operator, boolean plan, String reason, int most) {
        /// All of it.
        public Wish(Caller operator, boolean plan, String reason) {
            this(operator, plan, reason, Integer.MAX_VALUE);
        }
    }

    /// Takes one call back, or says what would come of it.
    ///
    /// @throws Refusal where there is no such call
    public UndoPlan call(CallId id, Wish wish) {
        CallRecord call = told(CallRecord.of(Ownership.call(journal, id).value()), wish);
        if (call.purpose() == Purpose.UNDO)
            throw new Refusal(ProblemType.NOT_UNDOABLE, "the call takes another one back; it is not taken back itself");
        return stepped(Optional.of(call.session()), List.of(call), wish);
    }

    /// Takes the calls of a session back, the last one first.
    ///
    /// @throws Refusal where there is no such session, or no such call in it
    public UndoPlan session(SessionId id, UndoPart part, Wish wish) {
        return stepped(Optional.of(id), told(effects.of(id, part), wish), wish);
    }

    /// Calls of a session that may have changed something, the last one first, as they are taken back.
    ///
    /// @throws Refusal where there is no such session
    public List<CallRecord> calls(SessionId id) {
        return effects.of(id, new UndoPart.All());
    }

    /// Takes back what was done since a time, in whatever session, the last one first.
    ///
    /// @param agent of this one alone; of all where it is empty
    /// @param only these of them; all where it is empty
    public UndoPlan since(Instant time, Optional<String> agent, Set<CallId> only, Wish wish) {
        return stepped(Optional.empty(), told(effects.since(time, agent, only), wish), wish);
    }

    private List<CallRecord> told(List<CallRecord> calls, Wish wish) {
        return calls.stream()
                .map(call -> told(call, wish))
                .filter(effects::mayHaveChanged)
                .toList();
    }

    /// A plan changes nothing, so doubt stays; anything else begins with what can be found out.
    private CallRecord told(CallRecord call, Wish wish) {
        if (wish.plan()) return call;
        CallRecord told = doubts.told(call);
        if (told.status() == Status.UNDONE && call.status() != Status.UNDONE)
            witness.undone(step(told, State.UNDONE, ""));
        return told;
    }

    /// Calls that have nothing to do with each other are taken back side by side.
    private UndoPlan stepped(Optional<SessionId> session, List<CallRecord> calls, Wish wish) {
        var steps = new ConcurrentHashMap<CallId, UndoStep>();
        List<CallRecord> open = calls.stream()
                .filter(call ->
                        Compensation.isOpen(call) || call.reversal().claim().isPresent())
                .limit(wish.most())
                .toList();
        var extents = new HashMap<CallId, Extent>();
        for (CallRecord call : open) extents.put(call.id(), extent(call));
        Abreast.run(Lanes.of(open, call -> Objects.requireNonNull(extents.get(call.id()))).stream()
                .<Runnable>map(lane -> () -> stepped(lane, extents, wish, steps))
                .toList());
        var whole = new UndoPlan(
                session,
                calls.stream()
                        .map(call -> Optional.ofNullable(steps.get(call.id()))
                                .or(() -> settled(call))
                                .orElseGet(() -> step(call, State.READY, "")))
                        .toList());
        if (!wish.plan()) witnessed(whole, calls);
        return whole;
    }

    /// @param calls as they were before
    private void witnessed(UndoPlan undone, List<CallRecord> calls) {
        Set<CallId> before = calls.stream()
                .filter(call -> call.status() == Status.UNDONE)
                .map(CallRecord::id)
                .collect(Collectors.toSet());
        for (UndoStep step : undone.steps())
            if (step.state().isOutcome() && !before.contains(step.call())) witness.undone(step);
    }

    private void stepped(List<CallRecord> lane, Map<CallId, Extent> extents, Wish wish, Map<CallId, UndoStep> steps) {
        if (wish.plan()) planned(lane, extents, wish).forEach(step -> steps.put(step.call(), step));
        else inTurn(lane, wish, steps);
    }

    /// What a step has from the one before it in its lane.
    ///
    /// @param owed carries outcomes to the next intent
    /// @param last what was put back right before
    /// @param kept of the call, read while the one before it ran
    private record Before(Owed owed, Optional<PutBack> last, Optional<FutureTask<Sight.Kept>> kept) {
        static Before nothing() {
            return new Before(new Owed(), Optional.empty(), Optional.empty());
        }
    }

    /// What is kept of a call never changes while it can be taken back, so it can be read ahead.
    private FutureTask<Sight.Kept> reading(CallRecord call) {
        var reading = new FutureTask<>(() -> sight.kept(call));
        Thread.ofVirtual().name("guardrail-undo-ahead").start(reading);
        return reading;
    }

    private Sight.Kept kept(CallRecord call, Before before) {
        if (before.kept().isEmpty()) return sight.kept(call);
        try {
            return before.kept().get().get();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return sight.kept(call);
        } catch (ExecutionException broken) {
            // Read once more: what broke then breaks where it is told.
            return sight.kept(call);
        }
    }

    /// Takes a lane back, one call after the other. The outcome of each is durable with the intent of the next; what
    /// comes of a call is told when the lane is through, and so when all of it is durable.
    private void inTurn(List<CallRecord> lane, Wish wish, Map<CallId, UndoStep> steps) {
        var before = Before.nothing();
        try {
            for (int i = 0; i < lane.size(); i++) {
                if (Thread.currentThread().isInterrupted()) return;
                CallRecord call = lane.get(i);
                Optional<FutureTask<Sight.Kept>> next =
                        i + 1 < lane.size() ? Optional.of(reading(lane.get(i + 1))) : Optional.empty();
                Taken taken = tried(call, wish, before);
                steps.put(call.id(), taken.step());
                if (taken.step().state() != State.UNDONE) written(before.owed());
                before = new Before(before.owed(), taken.putBack(), next);
            }
        } finally {
            written(before.owed());
            for (Owed.Told alone : before.owed().told())
                steps.computeIfPresent(
                        alone.call().reversal().undoes().orElseThrow(),
                        (id, step) -> UndoReplies.ran(step, alone.reply()));
        }
    }

    /// @param putBack what a look would show now, where that is known
    private record Taken(UndoStep step, Optional<PutBack> putBack) {
        static Taken nothing(UndoStep step) {
            return new Taken(step, Optional.empty());
        }
    }

    /// Takes a call back, and tries again where that does no harm. Each try is a call of its own, with its own
    /// entries, and begins with a look at what is there by then.
    private Taken tried(CallRecord call, Wish wish, Before before) {
        var first = new AtomicBoolean(true);
        return retries.of(
                () -> first.getAndSet(false)
                        ? step(call, wish, false, before)
                        : step(
                                doubts.told(CallRecord.of(
                                        Ownership.call(journal, call.id()).value())),
                                wish,
                                false,
                                new Before(before.owed(), Optional.empty(), Optional.empty())),
                taken -> mayTryAgain(taken.step()));
    }

    /// True where the server was not reached, or had no answer. Of the first, it certainly did not run. Of the
    /// second, only where looking tells, and it does no harm if it comes through late. People who agreed to one
    /// try did not agree to another.
    private boolean mayTryAgain(UndoStep step) {
        if (step.state() != State.FAILED && step.state() != State.IN_DOUBT) return false;
        return step.by()
                .flatMap(id -> journal.get(Kind.CALL, id.value()))
                .map(document -> CallRecord.of(document.value()))
                .filter(by -> by.ticket().isEmpty() && by.error().equals(ProblemType.UPSTREAM_FAILED.slug()))
                .filter(by ->
                        by.status() == Status.FAILED || by.status() == Status.IN_DOUBT && Doubts.isHarmlessLate(by))
                .isPresent();
    }

    private Extent extent(CallRecord call) {
        return new Extent(
                call.tool().server(),
                sight.point(call).map(RestorePoint::touches).orElse(List.of()));
    }

    /// In a plan, what lies there now is what later calls have made of it.
    private List<UndoStep> planned(List<CallRecord> calls, Map<CallId, Extent> extents, Wish wish) {
        var steps = new ArrayList<UndoStep>();
        var said = new HashMap<String, CallId>();
        var touched = new Names<CallId>();
        for (CallRecord call : calls) {
            List<String> touches =
                    Objects.requireNonNull(extents.get(call.id())).touches();
            Set<String> names = names(call);
            Stream<CallId> related = touches.isEmpty()
                    ? names.stream().flatMap(name -> Optional.ofNullable(said.get(name)).stream())
                    : touches.stream().flatMap(name -> touched.related(name).stream());
            List<CallId> before = related.distinct()
                    .sorted(Comparator.comparing(CallId::value).reversed())
                    .toList();
            UndoStep step =
                    step(call, wish, !before.isEmpty(), Before.nothing()).step().after(before);
            steps.add(step);
            if (step.state() != State.READY) continue;
            for (String name : names) said.put(name, call.id());
            for (String name : touches) touched.put(name, call.id());
        }
        return steps;
    }

    /// Texts among a call's arguments: two calls that share one may be about the same thing.
    private Set<String> names(CallRecord call) {
        var names = new HashSet<String>();
        sight.object(call.argumentsBody())
                .ifPresent(arguments -> arguments.members().values().forEach(value -> {
                    if (value instanceof JsonText(String text) && !text.isEmpty()) names.add(text);
                }));
        return names;
    }

    private Taken step(CallRecord call, Wish wish, boolean later, Before before) {
        Optional<UndoStep> settled = settled(call);
        if (settled.isPresent()) return Taken.nothing(settled.get());
        Sight.Kept kept = kept(call, before);
        Optional<RestorePoint> point = kept.point();
        if (point.isEmpty()) return Taken.nothing(cannot(call, "its restore point is gone"));
        if (!journal.now().isBefore(point.get().until()))
            return Taken.nothing(cannot(
                    call, "its restore point was kept until " + point.get().until()));
        Map<String, Json> roots = kept.roots();
        if (!(point.get().act().args().fill(roots, NOW) instanceof Template.Filled.Whole))
            return Taken.nothing(cannot(call, "what it takes to undo it is not kept whole"));
        var ready = step(call, State.READY, "");
        Set<String> open = later ? NOW : Set.of();
        if (!later && point.get().check().isPresent()) {
            Image now = now(call, point.get().check().get(), roots, before);
            Optional<String> conflict = conflict(call, now);
            if (conflict.isPresent())
                return Taken.nothing(ready.in(State.CONFLICT, conflict.get(), Optional.empty(), Optional.empty()));
            if (now instanceof Image.Present(JsonObject found)) roots.put("now", found);
        }
        if (!(point.get().act().args().fill(roots, open) instanceof Template.Filled.Whole(JsonObject arguments)))
            return Taken.nothing(cannot(call, "what it left says less than it takes to undo it"));
        Asked asked = asked(call, point.get().act(), arguments, wish, before.owed());
        if (wish.plan()) return Taken.nothing(UndoReplies.planned(ready, judging.apply(asked)));
        long start = journal.nanos();
        UndoStep step = UndoReplies.ran(ready, walk.apply(asked));
        return step.state() == State.UNDONE
                ? new Taken(step, PutBack.of(point.get(), roots, start))
                : Taken.nothing(step);
    }

    @SuppressWarnings("CatchThrowable") // what broke is told as the step's, and the others keep theirs
    private void written(Owed owed) {
        try {
            owed.settle();
        } catch (Throwable fault) {
            witness.faulted("undo", fault);
        }
    }

    /// What the guard has just put back itself is known, where it is what the call has left; else it looks.
    /// An outcome that is owed does not wait for a server that is asked.
    private Image now(CallRecord call, UndoHook.Look look, Map<String, Json> roots, Before before) {
        return before.last()
                .filter(put -> put.answers(look, roots, journal.nanos()))
                .map(PutBack::image)
                .filter(image -> sight.kept(image).equals(call.reversal().after()))
                .orElseGet(() -> {
                    written(before.owed());
                    return sight.now(call, look, roots);
                });
    }

    /// How a call stands as far as what is kept of it tells: no server is asked for it, and no policy.
    ///
    /// @return empty where it cannot have changed anything
    public Optional<UndoStep> known(CallRecord call) {
        if (!effects.mayHaveChanged(call)) return Optional.empty();
        Optional<Instant> over =
                call.reversal().until().filter(until -> !journal.now().isBefore(until));
        return settled(call)
                .or(() -> over.map(until -> cannot(call, "its restore point was kept until " + until)))
                .or(() -> Optional.of(step(call, State.READY, "")));
    }

    /// A step that needs no further look.
    private Optional<UndoStep> settled(CallRecord call) {
        if (call.status() == Status.UNDONE) return Optional.of(step(call, State.UNDONE, ""));
        if (call.status() == Status.RUNNING) return Optional.of(cannot(call, "it is still running"));
        if (call.status() == Status.IN_DOUBT)
            return Optional.of(cannot(call, "nobody knows yet whether it ran; an operator has to tell"));
        if (!call.reversal().isPrepared()) return Optional.of(cannot(call, whyNot(call)));
        if (call.reversal().claim().isPresent())
            return Optional.of(claimed(call, call.reversal().claim().get()));
        return Compensation.isOpen(call)
                ? Optional.empty()
                : Optional.of(cannot(
                        call,
                        call.status() == Status.FAILED
                                ? "it failed, and nothing was seen that it changed"
                                : "it is " + call.status().text()));
    }

    private UndoStep claimed(CallRecord call, CallId by) {
        boolean doubtful = journal.get(Kind.CALL, by.value())
                .filter(document -> CallRecord.of(document.value()).status() == Status.IN_DOUBT)
                .isPresent();
        return step(call, State.READY, "")
                .in(
                        doubtful ? State.IN_DOUBT : State.RUNNING,
                        doubtful
                                ? "nobody knows whether it was undone; an operator has to tell what came of `"
                                        + by.value() + "`"
                                : "it is being undone",
                        Optional.of(by),
                        Optional.empty());
    }

    /// In the operator's words where there are any.
    private String whyNot(CallRecord call) {
        Optional<String> words =
                catalogue.find(call.tool()).flatMap(ToolDefinition::undo).flatMap(UndoHook::cannot);
        String why = call.reversal().why();
        if (why.equals("cannot") && words.isPresent()) return words.get();
        if (!call.reversal().clause().isEmpty())
            return "when it ran, what it changed could not be kept: "
                    + sight.unfit(call).orElse(call.reversal().clause());
        return why.isEmpty() ? "nothing says how to undo it" : "when it ran, " + word(why);
    }

    private static String word(String why) {
        return switch (why) {
            case "denied" -> "policy would have denied to undo it";
            case "slow" -> "what it changed could not be read in time";
            case "too_large" -> "what it changed was too large to be kept";
            case "secret" -> "it held a secret, which is not kept";
            case "caller_runs" -> "its caller ran it, and the guard could not look before";
            default -> "what it takes to undo it could not be prepared (" + why.replace('_', ' ') + ")";
        };
    }

    private static UndoStep cannot(CallRecord call, String why) {
        return step(call, State.CANNOT, why);
    }

    private static UndoStep step(CallRecord call, State state, String why) {
        Exactness exactness = call.reversal().exactness().orElse(Exactness.NONE);
        return UndoStep.of(call.id(), call.session(), call.tool(), exactness, state, why);
    }

    /// Why nothing may be put back: what the call has left is not there any more, or nobody can tell.
    private Optional<String> conflict(CallRecord call, Image found) {
        Optional<Sha256> left = call.reversal().after();
        if (left.isEmpty()) return Optional.of("what it left could not be read when it had run");
        Optional<Sha256> now = sight.kept(found);
        if (now.isEmpty())
            return Optional.of("what is there now cannot be read"
                    + (found instanceof Image.Unseen(var kind, String clause) && !clause.isEmpty()
                            ? ": " + clause
                            : ""));
        return now.equals(left) ? Optional.empty() : Optional.of(CHANGED);
    }

    private static Asked asked(CallRecord call, UndoHook.Act act, JsonObject arguments, Wish wish, Owed owed) {
        var proposal = new Proposal(
                wish.operator(),
                Optional.of(call.session()),
                "undo",
                act.tool(),
                arguments,
                wish.reason(),
                Run.GUARD,
                Optional.of(call.id()));
        return new Asked(
                proposal,
                Optional.empty(),
                Attendance.silent(PATIENCE),
                Optional.empty(),
                new Manner.Proposed(Optional.of(owed)));
    }
}
