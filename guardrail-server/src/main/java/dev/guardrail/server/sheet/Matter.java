package dev.guardrail.server.sheet;

import dev.guardrail.approval.Canary;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import java.util.List;
import java.util.Optional;

/// What a request to approvers is about: the call that its ticket holds, or what a canary shows in its place. Both are
/// shown by the same code, so that they look alike.
///
/// @param argumentsDigest as approvers repeat it
/// @param argumentsBody id of the body
/// @param reasonBody id of the body with the agent's words
/// @param proposedBodies of the arguments before somebody changed them, the first that is there
/// @param whole false where secrets were taken out
/// @param canary true where there is no call; approvers learn it once it is over
record Matter(
        Optional<String> argumentsDigest,
        Optional<String> argumentsBody,
        Optional<String> reasonBody,
        List<String> proposedBodies,
        boolean whole,
        boolean canary) {
    private static final Matter NOTHING =
            new Matter(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), true, false);

    Matter {
        proposedBodies = List.copyOf(proposedBodies);
    }

    static Matter of(Journal journal, Ticket ticket) {
        return journal.get(Kind.CALL, ticket.call().value())
                .map(document -> of(CallRecord.of(document.value())))
                .or(() -> Canary.find(journal, ticket.id()).map(canary -> of(journal, canary)))
                .orElse(NOTHING);
    }

    private static Matter of(CallRecord call) {
        return new Matter(
                Optional.of(call.argumentsDigest().toString()),
                Optional.of(call.argumentsBody()),
                Optional.of(call.reasonBody()),
                call.edits() > 0 ? List.of(call.proposedBody(), call.originalBody()) : List.of(call.proposedBody()),
                call.whole(),
                false);
    }

    private static Matter of(Journal journal, Canary canary) {
        return new Matter(
                journal.body(canary.argumentsBody())
                        .map(arguments -> Sha256.of(arguments).toString()),
                Optional.of(canary.argumentsBody()),
                Optional.of(canary.reasonBody()),
                List.of(),
                true,
                true);
    }

    Optional<Json> arguments(Journal journal) {
        return argumentsBody.flatMap(journal::body);
    }

    Optional<Json> reason(Journal journal) {
        return reasonBody.flatMap(journal::body).filter(JsonText.class::isInstance);
    }

    Optional<Json> proposed(Journal journal) {
        return proposedBodies.stream()
                .flatMap(body -> journal.body(body).stream())
                .findFirst();
    }
}
