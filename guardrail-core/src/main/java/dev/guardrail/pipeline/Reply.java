package dev.guardrail.pipeline;

import dev.guardrail.approval.TicketState;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import java.time.Instant;

/// What a door is told of a call; it turns it into its wire's words.
public sealed interface Reply {

    /// The guard ran it, now or (replayed) before.
    ///
    /// @param ok false where the tool itself reported an error
    record Ran(CallRecord call, Json result, boolean ok, boolean replayed) implements Reply {}

    /// The caller may run it once, with exactly these arguments, until the lease ends.
    record Permitted(CallRecord call, JsonObject arguments) implements Reply {}

    /// It must not run: a decision, not an error.
    record Refused(CallRecord call) implements Reply {}

    /// It is permitted and waits for its time: nobody runs it before ([CallRecord#queued]).
    record Queued(CallRecord call) implements Reply {}

    /// It waits for people.
    record Held(CallRecord call, Pending pending) implements Reply {}

    /// The agent must supply what is missing and propose again; the question is the record's message.
    record Asked(CallRecord call) implements Reply {}

    /// It is running, or came to an end that this asker cannot be given a result of: its present state.
    record Present(CallRecord call) implements Reply {}

    /// It was permitted, but running it failed or nobody knows; the record says which.
    record Faulted(CallRecord call, ProblemType type, String detail) implements Reply {}

    /// It could not be judged or run at all; nothing happened.
    record Broken(ProblemType type, String detail) implements Reply {}

    /// True where people have answered every hold: it may run now, if it is permitted again.
    default boolean isApproved() {
        return switch (this) {
            case Permitted permitted -> true;
            case Present(var call) -> call.status() == Status.PERMITTED;
            case Held(var call, var pending) -> pending.state().equals(TicketState.APPROVED.text());
            case Queued queued -> false;
            case Ran ran -> false;
            case Refused refused -> false;
            case Asked question -> false;
            case Faulted faulted -> false;
            case Broken broken -> false;
        };
    }

    /// How far the people are.
    ///
    /// @param ticket id of the ticket
    /// @param state word of the ticket's state: `pending`, or `approved` while it waits to be used
    /// @param required votes of the hold that needs most
    /// @param given votes so far towards it
    record Pending(String ticket, String state, int required, int given, Instant expiresAt) {}
}
