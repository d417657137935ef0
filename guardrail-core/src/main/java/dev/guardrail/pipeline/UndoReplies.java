package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Decision;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import java.util.Optional;

/// What the path answers to a call that takes another one back, as a step of a plan or of a run.
final class UndoReplies {
    private UndoReplies() {}

    /// What policy says of it now.
    static UndoStep planned(UndoStep ready, Step<Judged> judged) {
        return switch (judged) {
            case Step.Done<Judged>(Reply reply) -> ran(ready, reply);
            case Step.Again<Judged> moved -> ready;
            case Step.Next<Judged>(Judged answered) ->
                switch (answered.verdict().decision()) {
                    case Decision.Allow allow -> ready;
                    case Decision.Hold hold -> ready.asking(true);
                    case Decision.Deny deny ->
                        ready.in(State.DENIED, said(deny.message()), Optional.empty(), Optional.empty());
                    case Decision.Clarify clarify ->
                        ready.in(State.DENIED, said(clarify.question()), Optional.empty(), Optional.empty());
                };
        };
    }

    private static String said(String words) {
        return words.isEmpty() ? "policy denies to undo it" : words;
    }

    /// What came of it.
    static UndoStep ran(UndoStep step, Reply reply) {
        return switch (reply) {
            case Reply.Ran(CallRecord call, Json result, boolean ok, boolean replayed) ->
                ok
                        ? step.in(State.UNDONE, "", by(call), Optional.empty())
                        : isChanged(call, result)
                                ? step.in(State.CONFLICT, Undoing.CHANGED, by(call), Optional.empty())
                                : step.in(State.FAILED, failure(call, result), by(call), Optional.empty());
            case Reply.Faulted(CallRecord call, var type, String detail) ->
                step.in(
                        call.status() == Status.IN_DOUBT ? State.IN_DOUBT : State.FAILED,
                        detail,
                        by(call),
                        Optional.empty());
            case Reply.Held(CallRecord call, Reply.Pending pending) ->
                step.in(State.HELD, "people have to agree first", by(call), Optional.of(pending.ticket()));
            case Reply.Refused(CallRecord call) ->
                step.in(State.DENIED, said(call.message()), by(call), Optional.empty());
            case Reply.Asked(CallRecord call) ->
                step.in(State.DENIED, said(call.message()), by(call), Optional.empty());
            case Reply.Present(CallRecord call) ->
                step.in(State.RUNNING, "it is being undone", by(call), call.ticket());
            case Reply.Permitted(CallRecord call, JsonObject arguments) ->
                step.in(State.FAILED, "the guard cannot run it", by(call), Optional.empty());
            case Reply.Queued(CallRecord call) ->
                step.in(State.HELD, "it waits for its time", by(call), Optional.empty());
            case Reply.Broken(ProblemType type, String detail) ->
                step.in(
                        type == ProblemType.CONFLICT ? State.CONFLICT : State.FAILED,
                        detail,
                        Optional.empty(),
                        Optional.empty());
        };
    }

    /// What puts back by comparing and setting says so where it found something else.
    private static boolean isChanged(CallRecord call, Json result) {
        return call.tool().isUndo()
                && result instanceof JsonObject object
                && object.object("structuredContent")
                        .filter(content -> content.isTrue("changed"))
                        .isPresent();
    }

    /// In the words of a server of the guard's own; nobody else's are passed on.
    private static String failure(CallRecord call, Json result) {
        Optional<String> said = call.tool().isUndo() && result instanceof JsonObject object
                ? object.array("content")
                        .flatMap(content -> content.items().stream()
                                .filter(JsonObject.class::isInstance)
                                .flatMap(item -> ((JsonObject) item).text("text").stream())
                                .findFirst())
                : Optional.empty();
        return said.orElse("the tool failed");
    }

    private static Optional<CallId> by(CallRecord call) {
        return Optional.of(call.id());
    }
}
