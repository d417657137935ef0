package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Action;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Risk;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.undo.Image;
import dev.guardrail.undo.RestorePoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Looks at where a call has acted, long after it did, with what is kept of the call.
record Sight(Journal journal, Catalogue catalogue, Imaging imaging) {

    /// What it takes to take the call back; empty where that is not kept any more.
    Optional<RestorePoint> point(CallRecord call) {
        return object(call.beforeBody()).flatMap(RestorePoint::of);
    }

    /// Why what the call changed could not be kept, in all words that there were; empty where there were none, or they
    /// are erased.
    Optional<String> unfit(CallRecord call) {
        return object(call.beforeBody()).flatMap(kept -> kept.text(Prepared.UNFIT));
    }

    /// What is kept to take a call back.
    ///
    /// @param roots what the places of its hook are filled with; none where there is no point
    record Kept(Optional<RestorePoint> point, Map<String, Json> roots) {}

    Kept kept(CallRecord call) {
        Optional<RestorePoint> point = point(call);
        return new Kept(point, point.isPresent() ? roots(call, point) : new HashMap<>());
    }

    /// What the places of a hook are filled with, as far as it is kept whole and they need it.
    Map<String, Json> roots(CallRecord call, Optional<RestorePoint> point) {
        var roots = new HashMap<String, Json>();
        object(call.argumentsBody()).filter(arguments -> call.whole()).ifPresent(json -> roots.put("args", json));
        point.flatMap(RestorePoint::before).ifPresent(before -> roots.put("before", before));
        if (point.map(RestorePoint::usesResult).orElse(true))
            journal.body(call.resultBody()).ifPresent(result -> roots.put("result", result));
        roots.put("call", JsonObject.with("id", new JsonText(call.id().value())).build());
        return roots;
    }

    /// What there is now.
    Image now(CallRecord call, UndoHook.Look look, Map<String, Json> roots) {
        return imaging.look(look, roots, question(call, look));
    }

    /// What images are compared by; empty where nobody can tell.
    Optional<Sha256> kept(Image image) {
        return imaging.kept(image);
    }

    /// For whom a look is made; what it asks is the look's own.
    private DecisionRequest question(CallRecord call, UndoHook.Look look) {
        ToolDefinition tool = catalogue.find(look.tool()).orElseGet(() -> Resolve.unknown(look.tool()));
        return new DecisionRequest(
                call.id(),
                new Subject(call.agent(), Set.of(), call.user()),
                new Action(look.tool(), JsonObject.EMPTY),
                new Resource(tool, PathFacts.NONE),
                new Context(journal.now(), "", Risk.LOW, Purpose.UNDO));
    }

    Optional<JsonObject> object(String body) {
        return journal.body(body)
                .flatMap(json -> json instanceof JsonObject object ? Optional.of(object) : Optional.empty());
    }
}
