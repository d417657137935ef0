package dev.guardrail.server.console.undo;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.Undoing;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Icon;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.sheet.Legible;
import dev.guardrail.session.Session;
import dev.guardrail.undo.UndoPart;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Plans of undoing, and what came of them, as visitors see them.
@Singleton
@Requires(beans = KeyRing.class)
final class Plans {
    /// Calls that one plan takes: each may ask a server what is there now.
    static final int MOST = 100;

    /// What running a plan tries. Where people were asked and have agreed since, it goes on; where nobody knows what
    /// came of it, it looks first.
    private static final Set<State> TRIED = EnumSet.of(State.READY, State.HELD, State.IN_DOUBT);

    private final SessionRegistry sessions;
    private final Effects effects;
    private final Undoing undoing;
    private final Runs runs;
    private final Rows rows;

    Plans(SessionRegistry sessions, Effects effects, Undoing undoing, Runs runs, Rows rows) {
        this.sessions = sessions;
        this.effects = effects;
        this.undoing = undoing;
        this.runs = runs;
        this.rows = rows;
    }

    /// What was wrong with the last try, and the reason that was typed then.
    record Fault(String error, String typed) {
        static final Fault NONE = new Fault("", "");
    }

    /// @throws Refusal where there is no such session, or no such call in it
    PlanPage plan(Visit visit, String id, Choice choice, Fault fault) {
        Session session = session(id);
        List<Effect> all = effects.of(session.id());
        List<Effect> chosen = choice.among(all);
        List<Effect> planned = chosen.stream().limit(MOST).toList();
        List<UndoStep> steps = steps(visit, session.id(), planned);
        Map<CallId, Effect> byId = byId(planned);
        return new PlanPage(
                session.id().value(),
                Bit.of(Legible.line(session.agent())),
                choice.words(),
                chosen.size() < all.size(),
                steps.stream()
                        .flatMap(step -> Optional.ofNullable(byId.get(step.call())).stream()
                                .map(effect -> rows.of(visit, effect, step)))
                        .toList(),
                chosen.size() - planned.size(),
                steps.stream()
                        .filter(step -> TRIED.contains(step.state())
                                || Optional.ofNullable(byId.get(step.call()))
                                        .filter(Effect::isInDoubt)
                                        .isPresent())
                        .map(step -> step.call().value())
                        .toList(),
                (int) steps.stream()
                        .filter(step -> step.asks() || step.state() == State.HELD)
                        .count(),
                (int) planned.stream().filter(Effect::isInDoubt).count(),
                runs.working(session.id())
                        .map(run -> UndoPages.RUNS + "/" + run.id())
                        .orElse(""),
                fault.error(),
                fault.typed());
    }

    private Session session(String id) {
        return sessions.find(new SessionId(id))
                .orElseThrow(() ->
                        new Refusal(ProblemType.NOT_FOUND, "there is no session `" + id + "`; look at the list again"))
                .session();
    }

    /// Naming none would mean all.
    private List<UndoStep> steps(Visit visit, SessionId session, List<Effect> planned) {
        if (planned.isEmpty()) return List.of();
        return undoing.session(
                        session,
                        new UndoPart.Only(new HashSet<>(ids(planned))),
                        new Undoing.Wish(visit.caller(), true, ""))
                .steps();
    }

    private static List<CallId> ids(List<Effect> effects) {
        return effects.stream().map(effect -> effect.call().id()).toList();
    }

    private static Map<CallId, Effect> byId(List<Effect> effects) {
        return effects.stream().collect(Collectors.toMap(effect -> effect.call().id(), Function.identity()));
    }

    /// Begins to undo calls that a plan showed.
    ///
    /// @throws Refusal where one of them is not there, or an undo of the session is at work
    Run start(Visit visit, String id, List<String> calls, String reason) {
        Session session = session(id);
        List<Effect> meant = new Choice(calls, "").among(effects.of(session.id()));
        return runs.start(visit, session.id(), ids(meant), reason);
    }

    RunPage result(Visit visit, Run run) {
        boolean ended = run.isOver(); // asked first: what came is whole then
        List<CallId> tried = run.tried();
        Map<CallId, UndoStep> came = run.came();
        List<CallId> again = run.calls().stream()
                .filter(call -> !tried.contains(call)
                        || Optional.ofNullable(came.get(call))
                                .filter(step -> isTriable(step.state()))
                                .isPresent())
                .toList();
        long undone = came.values().stream()
                .filter(step -> step.state() == State.UNDONE)
                .count();
        int all = run.calls().size();
        return new RunPage(
                run.id(),
                run.session().value(),
                run.by(),
                run.at().toString(),
                Bit.of(Legible.of(run.reason()).segments()),
                ended,
                ended && undone == all,
                ended
                        ? (undone == all ? "All of it is undone: " : "Undone: ") + undone + " of " + all + "."
                                + left(run, tried, came)
                        : "At work: " + tried.size() + " of " + all + " are over.",
                Legible.line(run.fault()),
                steps(visit, run, ended),
                ended && !again.isEmpty() ? again(run, again) : "",
                visit.seesSources());
    }

    private static boolean isTriable(State state) {
        return state != State.UNDONE && state != State.CANNOT;
    }

    private static String again(Run run, List<CallId> calls) {
        return UndoPages.PATH + "/" + run.session().value()
                + calls.stream().map(call -> "call=" + call.value()).collect(Collectors.joining("&", "?", ""));
    }

    private static String left(Run run, List<CallId> tried, Map<CallId, UndoStep> came) {
        Map<State, Integer> counts = new EnumMap<>(State.class);
        for (UndoStep step : came.values())
            if (step.state() != State.UNDONE) counts.merge(step.state(), 1, Integer::sum);
        var words = new ArrayList<String>();
        counts.forEach((state, count) -> words.add(count + " " + word(state)));
        int nothing = tried.size() - came.size();
        if (nothing > 0) words.add(nothing + " that did nothing");
        int unknown = run.calls().size() - tried.size();
        if (unknown > 0) words.add(unknown + " not known to have been tried");
        return words.isEmpty() ? "" : " Left: " + String.join(", ", words) + ".";
    }

    private static String word(State state) {
        return switch (state) {
            case READY -> "not tried";
            case UNDONE -> "undone";
            case CONFLICT -> "in conflict, and not touched";
            case CANNOT -> "that cannot be undone";
            case DENIED -> "denied by policy";
            case HELD -> "waiting for people";
            case RUNNING -> "being undone";
            case IN_DOUBT -> "in doubt";
            case FAILED -> "failed";
        };
    }

    private List<StepRow> steps(Visit visit, Run run, boolean ended) {
        var pending = ended ? new Badge("wait", Icon.WARNING, "Not known") : new Badge("", Icon.CLOCK, "Not yet");
        Map<CallId, UndoStep> came = run.came();
        var shown = new ArrayList<StepRow>();
        for (CallId call : run.calls()) {
            UndoStep step = came.get(call);
            if (step != null)
                effects.with(step).map(effect -> rows.of(visit, effect)).ifPresent(shown::add);
            else
                effects.find(call)
                        .map(effect -> rows.of(visit, effect).as(pending))
                        .ifPresent(shown::add);
        }
        return shown;
    }
}
