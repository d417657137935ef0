package dev.guardrail.server.door.authzen;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.server.door.RefusalBook;
import java.util.Optional;

/// Answers questions, one at a time: each is a call that is decided and journaled, or leaves a trace of who asked for
/// what is not theirs or not there.
///
/// @param book waits for the disk
record Evaluator(Guard guard, Mapping mapping, Decisions decisions, RefusalBook book, AuthzenSettings settings) {

    /// Who asks, and by which route.
    ///
    /// @param endpoint where people can be asked
    record Asker(Caller caller, String route, String endpoint) {}

    /// @throws MalformedJson where it is no question
    /// @throws dev.guardrail.pipeline.Refusal where it could not be judged
    JsonObject answer(Asker asker, JsonObject body) {
        var question = Question.of(body);
        Optional<String> approval = question.approval();
        return switch (mapping.of(asker.caller(), question)) {
            case Meaning.Nothing nothing -> {
                note(asker, nothing);
                yield Decisions.of(nothing);
            }
            case Meaning.Call call ->
                decisions.of(
                        new Decisions.Case(asker.caller(), call, approval, asker.endpoint()),
                        guard.evaluate(call.proposal(), approval, Attendance.silent(settings.run())));
        };
    }

    /// One among several: what is wrong with it denies it, and not the others.
    JsonObject answerOne(Asker asker, JsonObject body) {
        try {
            return answer(asker, body);
        } catch (GuardrailException wrong) {
            return Decisions.failed(wrong.type().status(), String.valueOf(wrong.getMessage()));
        }
    }

    private void note(Asker asker, Meaning.Nothing nothing) {
        book.note(new WireRefusal(
                Mapping.DOOR,
                nothing.reason().replace('_', '-'),
                WireRefusal.Sender.of(asker.caller()),
                Optional.empty(),
                asker.route(),
                Optional.empty()));
    }
}
