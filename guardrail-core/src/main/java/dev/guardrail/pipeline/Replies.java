package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.Utterance;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import dev.guardrail.policy.Cause;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Says where a recorded call stands, as a reply.
record Replies(Journal journal, ApprovalDesk desk) {

    /// The present state of a call.
    Reply present(CallRecord stored) {
        CallRecord call = placed(stored);
        return switch (call.status()) {
            case DENIED -> new Reply.Refused(quoted(call));
            case CANCELLED, EXPIRED ->
                call.leaseUntil().isPresent() ? new Reply.Present(call) : new Reply.Refused(quoted(call));
            case NEEDS_CLARIFICATION -> new Reply.Asked(call);
            case HELD ->
                call.ticket()
                        .flatMap(desk::find)
                        .<Reply>map(ticket -> held(call, ticket))
                        .orElseGet(() -> new Reply.Present(call));
            case PERMITTED ->
                call.isQueued()
                        ? new Reply.Queued(call)
                        : (call.whole() ? arguments(call) : Optional.<JsonObject>empty())
                                .<Reply>map(arguments -> new Reply.Permitted(call, arguments))
                                .orElseGet(() -> new Reply.Present(call));
            case PROPOSED, RUNNING, UNDONE, UNDO_FAILED -> new Reply.Present(call);
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

    /// A person's denial, or why somebody took the call back, in their words.
    private CallRecord quoted(CallRecord call) {
        if (call.status() == Status.CANCELLED)
            return journal.words(call.cancelBody()).map(call::saying).orElse(call);
        if (!call.cause().equals(Cause.PERSON.text())) return call;
        return call.ticket()
                .flatMap(desk::find)
                .flatMap(desk::reason)
                .map(call::saying)
                .orElse(call);
    }

    /// The reply, saying so where a person changed the call's arguments, and what an approver asks.
    Reply told(Reply reply) {
        return switch (reply) {
            case Reply.Ran(CallRecord call, Json result, boolean ok, boolean replayed)
            when call.edits() > 0 -> new Reply.Ran(call.saying(changed(call)), result, ok, replayed);
            case Reply.Permitted(CallRecord call, JsonObject arguments)
            when call.edits() > 0 -> new Reply.Permitted(call.saying(changed(call)), arguments);
            case Reply.Held(CallRecord call, Reply.Pending pending) ->
                new Reply.Held(call.saying(said(call, pending.ticket())), pending);
            case Reply.Queued(CallRecord call) when call.edits() > 0 -> new Reply.Queued(call.saying(changed(call)));
            case Reply.Queued queued -> queued;
            case Reply.Ran ran -> ran;
            case Reply.Permitted permitted -> permitted;
            case Reply.Refused refused -> refused;
            case Reply.Asked asked -> asked;
            case Reply.Present present -> present;
            case Reply.Faulted faulted -> faulted;
            case Reply.Broken broken -> broken;
        };
    }

    private String changed(CallRecord call) {
        if (call.edits() == 0) return "";
        return "A person changed the arguments. They are now: "
                + arguments(call).map(JsonObject::toString).orElse("(not kept)");
    }

    private String said(CallRecord call, String ticket) {
        String question = desk.find(ticket).stream()
                .flatMap(open -> open.dialogue().stream())
                .reduce((earlier, later) -> later)
                .filter(last -> last.part() == Utterance.Part.QUESTION)
                .flatMap(desk::words)
                .map(words -> "An approver asks: " + words)
                .orElse("");
        return Stream.of(changed(call), question)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("\n"));
    }

    Reply.Held held(CallRecord call, Ticket ticket) {
        return new Reply.Held(
                call,
                new Reply.Pending(
                        ticket.id(), ticket.state().text(), ticket.required(), ticket.given(), ticket.expiresAt()));
    }

    /// The hold that an identical proposal joins while people have not decided it.
    Optional<Reply> pending(Repeat earlier) {
        return waiting(earlier)
                .filter(held -> held.pending().state().equals(TicketState.PENDING.text()))
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

    /// The arguments before modify rules: as proposed, or as a person changed them last.
    Optional<JsonObject> proposed(CallRecord call) {
        String before = call.edits() == 0 ? call.proposedBody() : call.editedBody();
        return object(before).or(() -> arguments(call));
    }

    /// A call as its agent proposed it, or as a person changed it last.
    ///
    /// @return empty where not all of it is kept
    Optional<Proposal> proposal(CallRecord call, Caller caller, Run run) {
        if (!call.whole()) return Optional.empty();
        return proposed(call)
                .map(arguments -> new Proposal(
                        caller,
                        Optional.of(call.session()),
                        call.door(),
                        call.tool(),
                        arguments,
                        journal.words(call.reasonBody()).orElse(""),
                        run,
                        call.reversal().undoes()));
    }

    Optional<JsonObject> arguments(CallRecord call) {
        return object(call.argumentsBody());
    }

    private Optional<JsonObject> object(String id) {
        Optional<Json> body = journal.body(id);
        return body.isPresent() && body.get() instanceof JsonObject object ? Optional.of(object) : Optional.empty();
    }

    /// The record with its latest decision's place, which is known only after the decision was written.
    private CallRecord placed(CallRecord call) {
        if (call.entry().isPresent()) return call;
        var query = new Store.Query(call.id().value(), null, null, null, null, "decided");
        List<Store.Found> found = journal.search(query, Long.MAX_VALUE, 1);
        return found.isEmpty()
                ? call
                : call.at(new Receipt(journal.store().log(), found.getFirst().seq()));
    }
}
