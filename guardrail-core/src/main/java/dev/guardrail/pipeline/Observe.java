package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.UndoHook;
import dev.guardrail.undo.RestorePoint;
import java.util.Map;
import java.util.Optional;

/// Reads what a call that can be taken back has left, so that a later change by somebody else is noticed. Where that
/// fails, nobody can tell, and the call is not taken back. A call whose tool says that it failed has left something
/// only where that is not what was there before, and the operator says that it is its own doing then: many fail because
/// somebody else has changed the very thing.
///
/// A crash here leaves an intent without an outcome, as one while the call ran.
record Observe(Imaging imaging, Redaction redaction) implements Stage<Finished, Finished> {

    @Override
    public Step<Finished> apply(Finished finished) {
        Optional<RestorePoint> point = finished.leased().point();
        Optional<UndoHook.Look> check = point.flatMap(RestorePoint::check);
        if (check.isEmpty() || !(finished.outcome() instanceof Outcome.Answered(Json result, boolean ok)))
            return new Step.Next<>(finished);
        if (!ok && !isPartial(finished)) return new Step.Next<>(finished);
        // What is not kept whole cannot be filled in again later.
        if (point.get().usesResult() && redaction.redact(result) != result) return new Step.Next<>(finished);
        var request = finished.leased().request();
        Map<String, Json> roots = Prepare.roots(request, request.action().arguments());
        roots.put("result", result);
        point.get().before().ifPresent(before -> roots.put("before", before));
        Optional<Sha256> left = imaging.kept(imaging.look(check.get(), roots, request));
        return new Step.Next<>(ok || hasChanged(point.get(), left) ? finished.left(left) : finished);
    }

    private static boolean isPartial(Finished finished) {
        return finished.leased()
                .request()
                .resource()
                .tool()
                .undo()
                .filter(UndoHook::partial)
                .isPresent();
    }

    private boolean hasChanged(RestorePoint point, Optional<Sha256> left) {
        Optional<Sha256> was = point.was().flatMap(imaging::kept);
        return left.isPresent() && was.isPresent() && !left.equals(was);
    }
}
