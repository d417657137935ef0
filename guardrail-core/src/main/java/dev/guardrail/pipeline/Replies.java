package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Store;
import dev.guardrail.policy.Cause;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Says where a recorded call stands, as a reply.
record Replies(Journal journal, ApprovalDesk desk) {

    /// The present state of a call.
    Reply present(CallRecord stored) {
        CallRecord call = placed(stored);
        return switch (call.status()) {
            case DENIED, CANCELLED -> new Reply.Refused(quoted(call));
            case EXPIRED -> call.leaseUntil().isPresent() ? new Reply.Present(call) : new Reply.Refused(call);
            case NEEDS_CLARIFICATION -> new Reply.Asked(call);
            case HELD ->
                call.ticket()
                        .flatMap(desk::find)
                        .<Reply>map(ticket -> held(call, ticket))
                        .orElseGet(() -> new Reply.Present(call));
            case PERMITTED ->
                (call.whole() ? arguments(call) : Optional.<JsonObject>empty())
                        .<Reply>map(arguments -> new Reply.Permitted(call, arguments))
                        .orElseGet(() -> new Reply.Present(call));
            case PROPOSED, RUNNING -> new Reply.Present(call);
            case SUCCEEDED, FAILED ->
                journal.body(call.resultBody())
                        .<Reply>map(result ->
                                new Reply.Ran(call, result, call.error().isEmpty(), true))
                        .orElseGet(() -> new Reply.Present(call));
            case IN_DOUBT ->
                new Reply.Faulted(
                        call,
                        ProblemType.UPSTREAM_FAILED,
                        "nobody knows whether the call ran; an operator can post its outcome");
        };
    }

    /// A person's denial in the person's words.
    private CallRecord quoted(CallRecord call) {
        if (!call.cause().equals(Cause.PERSON.text())) return call;
        return call.ticket()
                .flatMap(desk::find)
                .flatMap(desk::reason)
                .map(call::saying)
                .orElse(call);
    }

    Reply.Held held(CallRecord call, Ticket ticket) {
        return new Reply.Held(
                call,
                new Reply.Pending(
                        ticket.id(), ticket.state().text(), ticket.required(), ticket.given(), ticket.expiresAt()));
    }

    /// The hold that an identical proposal joins while people have not decided it.
    Optional<Reply> pending(Repeat earlier) {
        return waiting(earlier).filter(held -> held.pending().state().equals(TicketState.PENDING.text()))
                .map(held -> held);
    }

    /// The same, also where people have agreed and the approval was not used.
    Optional<Reply.Held> waiting(Repeat earlier) {
        if (earlier.state() != Repeat.State.HELD) return Optional.empty();
        Optional<Ticket> ticket = earlier.ticket()
                .flatMap(desk::find)
                .filter(open -> open.pending() || open.state() == TicketState.APPROVED);
        return ticket.flatMap(open -> journal.get(Kind.CALL, earlier.call().value())
                .map(document -> held(placed(CallRecord.of(document.value())), open)));
    }

    boolean isApproved(CallRecord call) {
        return call.ticket()
                .flatMap(desk::find)
                .filter(ticket -> ticket.state() == TicketState.APPROVED)
                .isPresent();
    }

    Optional<JsonObject> arguments(CallRecord call) {
        Optional<Json> body = journal.body(call.argumentsBody());
        return body.isPresent() && body.get() instanceof JsonObject object ? Optional.of(object) : Optional.empty();
    }

    /// The record with its latest decision's place, which is known only after the decision was written.
    private CallRecord placed(CallRecord call) {
        if (call.entry().isPresent()) return call;
        try {
            var query = new Store.Query(call.id().value(), null, null, null, null, "decided");
            List<Store.Found> found = journal.store().search(query, Long.MAX_VALUE, 1);
            return found.isEmpty()
                    ? call
                    : call.at(
                            new Receipt(journal.store().log(), found.getFirst().seq()));
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }
}
