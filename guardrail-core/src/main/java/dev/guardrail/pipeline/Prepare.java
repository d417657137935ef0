package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.Action;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Run;
import dev.guardrail.call.Subject;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Reversal;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Decision;
import dev.guardrail.undo.Image;
import dev.guardrail.undo.RestorePoint;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Prepares to take a permitted call back, before anybody has the right to run it: reads what the call is about to
/// change, and decides whether what takes it back would be permitted. Where that fails, the call counts as one that
/// cannot be undone, which is said in its permit; and it is denied where a rule asks for an undo.
///
/// A crash here leaves nothing: what was read is committed with the permit alone.
record Prepare(
        Journal journal,
        Decide decide,
        Catalogue catalogue,
        Schemas schemas,
        Paths paths,
        Imaging imaging,
        Redaction redaction,
        Delays delays)
        implements Stage<Judged, Judged> {
    /// Whoever undoes, as long as nobody in particular does.
    private static final Subject OPERATOR =
            new Subject(Undoer.agent("any"), Set.of("admin", "approver"), Optional.empty());

    /// What a reader puts in place of bytes that are no text: writing that back would not restore them.
    private static final char REPLACEMENT = '\uFFFD';

    /// Words of places that are filled when the call has run.
    static final Set<String> LATER = Set.of("result", "now");

    @Override
    public Step<Judged> apply(Judged judged) {
        return new Step.Next<>(
                judged.verdict().decision() instanceof Decision.Allow allow ? prepared(judged, allow) : judged);
    }

    private Judged prepared(Judged judged, Decision.Allow allow) {
        ToolDefinition tool = judged.request().resource().tool();
        if (judged.request().context().purpose() == Purpose.UNDO || tool.undo().isEmpty() && !allow.undoable())
            return judged;
        boolean guardRuns = judged.resolved().identified().asked().proposal().run() == Run.GUARD && !tool.callerRun();
        boolean possible = guardRuns && tool.exactness() != Exactness.NONE;
        // What waits for its time is prepared when that has come.
        if (possible && !(delays.turn(judged, allow) instanceof Turn.Now)) return judged;
        Prepared prepared = guardRuns ? prepared(judged, tool) : Prepared.cannot("caller_runs");
        return allow.undoable() && !prepared.isExact()
                ? judged.answered(denied(allow, prepared), Planned.NOTHING)
                : judged.prepared(prepared);
    }

    private static Decision.Deny denied(Decision.Allow allow, Prepared prepared) {
        return new Decision.Deny(
                allow.determining(),
                Cause.POLICY,
                "Policy asks that this call can be undone, and it cannot (" + words(prepared.reversal()) + ").",
                List.of(),
                false);
    }

    private static String words(Reversal none) {
        return none.clause().isEmpty() ? none.why().replace('_', ' ') : none.clause();
    }

    private Prepared prepared(Judged judged, ToolDefinition tool) {
        if (tool.undo().isEmpty()) return Prepared.cannot("no_hook");
        UndoHook hook = tool.undo().get();
        if (hook.exactness() == Exactness.NONE) return Prepared.cannot("cannot");
        JsonObject arguments = judged.request().action().arguments();
        if (redaction.redact(arguments) != arguments) return Prepared.cannot("secret");
        Map<String, Json> roots = roots(judged.request(), arguments);
        Optional<Image> before = hook.before().map(look -> imaging.look(look, roots, judged.request()));
        Optional<Prepared> amiss = before.flatMap(this::amiss);
        if (amiss.isPresent()) return amiss.get();
        Optional<JsonObject> found = before.flatMap(
                image -> image instanceof Image.Present(JsonObject result) ? Optional.of(result) : Optional.empty());
        found.ifPresent(result -> roots.put("before", result));
        Optional<UndoHook.Act> act = act(hook, before);
        if (act.isEmpty()) return Prepared.cannot("no_way");
        return objection(judged, act.get(), roots)
                .map(Prepared::cannot)
                .orElseGet(() -> Prepared.of(
                        hook.exactness(),
                        new RestorePoint(
                                act.get(),
                                found,
                                hook.check(),
                                hook.checksBefore(),
                                touches(
                                        hook,
                                        found,
                                        roots,
                                        judged.request().resource().paths()),
                                journal.now().plus(hook.keep()))));
    }

    /// What the call is about; a path by its real name. A place that cannot be filled with a text leaves nobody
    /// knowing, as if nothing were said.
    private static List<String> touches(
            UndoHook hook, Optional<JsonObject> found, Map<String, Json> roots, PathFacts paths) {
        if (hook.touches().isPresent()) {
            if (!(hook.touches().get().fill(roots) instanceof Template.Filled.Whole(JsonObject filled)))
                return List.of();
            JsonArray names = filled.array(UndoHook.NAMES).orElseThrow();
            return names.texts().size() < names.items().size()
                    ? List.of()
                    : names.texts().stream()
                            .map(name -> paths.of(name).map(PathFact::real).orElse(name))
                            .toList();
        }
        boolean ours = hook.before().filter(look -> look.tool().isUndo()).isPresent();
        return found.filter(result -> ours)
                .flatMap(result -> result.object("structuredContent"))
                .flatMap(content -> content.array("touches"))
                .map(JsonArray::texts)
                .orElse(List.of());
    }

    /// What the places of a hook are filled with before the call has run.
    static Map<String, Json> roots(DecisionRequest request, JsonObject arguments) {
        var roots = new HashMap<String, Json>();
        roots.put("args", arguments);
        roots.put(
                "call",
                JsonObject.with("id", new JsonText(request.call().value())).build());
        return roots;
    }

    /// Why what was read cannot be put back. Whoever says more may name what an agent named: nothing that it may not.
    private Optional<Prepared> amiss(Image image) {
        return switch (image) {
            case Image.Unseen(String why, String clause) ->
                Optional.of(Prepared.cannot(
                        why, redaction.redact(new JsonText(clause)) instanceof JsonText(String words) ? words : ""));
            case Image.Absent absent -> Optional.empty();
            case Image.Present(JsonObject result) -> {
                if (redaction.redact(result) != result) yield Optional.of(Prepared.cannot("secret"));
                yield result.toString().indexOf(REPLACEMENT) >= 0
                        ? Optional.of(Prepared.cannot("not_text"))
                        : Optional.empty();
            }
        };
    }

    private static Optional<UndoHook.Act> act(UndoHook hook, Optional<Image> before) {
        if (hook.cannot().isPresent()) return hook.correction();
        return before.filter(image -> image instanceof Image.Absent).isPresent()
                ? hook.whenAbsent()
                : hook.compensate();
    }

    /// Why what takes the call back would not run, in a word. What the call is going to answer and to leave is not
    /// known yet: such places stand as they are written, and the schema is not asked.
    private Optional<String> objection(Judged judged, UndoHook.Act act, Map<String, Json> roots) {
        if (!(act.args().fill(roots, LATER) instanceof Template.Filled.Whole(JsonObject arguments)))
            return Optional.of("wrong_shape");
        Optional<ToolDefinition> tool = catalogue.find(act.tool()).filter(known -> !known.callerRun());
        if (tool.isEmpty()) return Optional.of("no_tool");
        boolean whole = Collections.disjoint(act.args().roots(), LATER);
        if (whole && schemas.violation(tool.get(), arguments).isPresent()) return Optional.of("wrong_shape");
        Context now = judged.request().context();
        var request = new DecisionRequest(
                judged.request().call(),
                OPERATOR,
                new Action(act.tool(), arguments),
                new Resource(tool.get(), paths.resolve(act.tool(), arguments)),
                new Context(now.time(), "", now.risk(), Purpose.UNDO));
        return isPossible(decide.apply(judged.resolved().asking(request))) ? Optional.empty() : Optional.of("denied");
    }

    /// True where it would be permitted, at once or by people, and exactly as it is.
    private static boolean isPossible(Step<Judged> step) {
        if (!(step instanceof Step.Next<Judged>(Judged answer))
                || !answer.modifiedBy().isEmpty()) return false;
        return switch (answer.verdict().decision()) {
            case Decision.Allow allow -> true;
            case Decision.Hold hold -> true;
            case Decision.Deny deny -> false;
            case Decision.Clarify clarify -> false;
        };
    }
}
