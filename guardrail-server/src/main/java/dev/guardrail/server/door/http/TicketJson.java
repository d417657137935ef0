package dev.guardrail.server.door.http;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Hold;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.Utterance;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An approval as people are shown it. What the agent said stands apart, under its own name, last.
record TicketJson(Journal journal, ApprovalDesk desk) {

    /// A line of the queue.
    JsonObject item(Ticket ticket) {
        return facts(ticket, call(ticket)).build();
    }

    /// Everything that somebody needs who decides.
    JsonObject detail(Ticket ticket) {
        Optional<CallRecord> call = call(ticket);
        List<String> eligible = desk.eligible(ticket);
        var detail = facts(ticket, call)
                .with("definition", ticket.definition().toString())
                .with(
                        "holds",
                        new JsonArray(ticket.holds().stream()
                                .<Json>map(TicketJson::hold)
                                .toList()))
                .with("canDecide", JsonArray.ofTexts(eligible))
                .with("editedBy", ticket.editor());
        if (!ticket.delegations().isEmpty())
            detail.with(
                    "delegations",
                    new JsonArray(ticket.delegations().stream()
                            .<Json>map(handed -> JsonObject.with("from", handed.from())
                                    .with("to", handed.to())
                                    .with("at", handed.at().toString())
                                    .build())
                            .toList()));
        call.flatMap(known -> journal.body(known.argumentsBody()))
                .ifPresent(arguments -> detail.with("arguments", arguments));
        call.flatMap(known -> journal.body(known.proposedBody())
                        .or(() -> known.edits() > 0 ? journal.body(known.originalBody()) : Optional.empty()))
                .ifPresent(proposed -> detail.with("proposed", proposed));
        call.filter(known -> !known.whole())
                .ifPresent(known -> detail.with("argumentsNote", "secrets were taken out of the arguments shown here"));
        ticket.closing().ifPresent(how -> detail.with("closed", closing(ticket, how)));
        if (!ticket.dialogue().isEmpty())
            detail.with(
                    "dialogue",
                    new JsonArray(
                            ticket.dialogue().stream().<Json>map(this::said).toList()));
        call.flatMap(known -> journal.body(known.reasonBody()))
                .filter(JsonText.class::isInstance)
                .ifPresent(said -> detail.with(
                        "agentSays",
                        JsonObject.with("reason", said).with("trusted", false).build()));
        return detail.build();
    }

    /// What the agent's side says is as little to be trusted as its reason.
    private JsonObject said(Utterance said) {
        return JsonObject.with("part", said.part().text())
                .with("by", said.by())
                .with("at", said.at().toString())
                .with("text", desk.words(said))
                .with("trusted", said.part() == Utterance.Part.QUESTION)
                .build();
    }

    private Optional<CallRecord> call(Ticket ticket) {
        return journal.get(Kind.CALL, ticket.call().value()).map(document -> CallRecord.of(document.value()));
    }

    private static JsonObject.Builder facts(Ticket ticket, Optional<CallRecord> call) {
        return JsonObject.with("id", ticket.id())
                .with("callId", ticket.call().value())
                .with("session", ticket.session().value())
                .with("tool", ticket.tool().toString())
                .with("agent", ticket.agent())
                .with("user", ticket.user())
                .with(
                        "argumentsDigest",
                        call.map(known -> known.argumentsDigest().toString()))
                .with("risk", ticket.risk().text())
                .with("state", ticket.state().text())
                .with("required", ticket.required())
                .with("given", ticket.given())
                .with("rules", JsonArray.ofTexts(ticket.rules()))
                .with("openedAt", ticket.openedAt().toString())
                .with("expiresAt", ticket.expiresAt().toString())
                .with("usableUntil", ticket.usableUntil().map(Instant::toString));
    }

    private static JsonObject hold(Hold hold) {
        return JsonObject.with("rule", hold.rule().value())
                .with("approvers", JsonArray.ofTexts(hold.approvers()))
                .with("required", hold.quorum().required())
                .with("given", hold.votes().size())
                .with("distinctGroups", hold.quorum().distinctGroups())
                .with("confirm", hold.quorum().confirm())
                .with(
                        "votes",
                        new JsonArray(hold.votes().stream()
                                .<Json>map(vote -> JsonObject.with("voter", vote.voter())
                                        .with("at", vote.at().toString())
                                        .build())
                                .toList()))
                .build();
    }

    private JsonObject closing(Ticket ticket, Ticket.Closing how) {
        return JsonObject.with("at", how.at().toString())
                .with("by", how.by())
                .with("why", how.why())
                .with("reason", desk.reason(ticket))
                .build();
    }
}
