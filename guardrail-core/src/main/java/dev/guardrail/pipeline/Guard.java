package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.ToolDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The policy enforcement point: every call takes this path, whichever door it came in by. Safe for concurrent use.
public interface Guard {

    /// Takes a proposed call down the whole path. Never throws and never hangs longer than the attendance's timeout:
    /// any fault is a refusal.
    ///
    /// @param idempotencyKey the client's own key for this proposal, and the digest of the body it came with
    Reply propose(Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance);

    /// Decides whether a call may run now, and journals it. Where it may, its caller has one permit, as after
    /// [#propose]; where people would have to agree, it is refused with the cause `requestable`, and nobody
    /// is asked.
    ///
    /// @param approval id of the ticket whose approval is to be used; it gives nothing by itself
    Reply evaluate(Proposal proposal, Optional<String> approval, Attendance attendance);

    /// Asks people to agree to a call that policy holds, or joins those who were asked before. It permits nothing:
    /// once they have agreed, the call is evaluated again.
    ///
    /// @return [Reply.Held] where people are asked; [Reply.Broken], malformed, where policy permits it without them
    Reply request(Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance);

    /// Runs a call that was permitted or approved, once; a second time answers the first outcome, replayed.
    Reply execute(Caller caller, CallId call, Attendance attendance);

    /// Records what came of a call that the caller ran, or (operators) of one in doubt.
    Reply report(Caller caller, CallId call, boolean ok, Optional<Json> result, String error);

    /// Where a call stands, waiting up to `wait` for it to leave `held`, the outbox, or `running`.
    Reply state(Caller caller, CallId call, Duration wait);

    /// Waits as [#state], for a client that runs the call where people approve it, and does so as [#execute].
    ///
    /// @param gone true once the client has left: nothing is run for it then
    default Reply finish(Caller caller, CallId call, Duration wait, BooleanSupplier gone, Attendance attendance) {
        Reply reply = state(caller, call, wait);
        return reply.isApproved() && !gone.getAsBoolean() ? execute(caller, call, attendance) : reply;
    }

    /// Gives up a held call whose client left or cancelled.
    Reply cancel(Caller caller, CallId call);

    /// Takes back a call that waits, for people or for its time; for its agent, its host or an operator.
    ///
    /// @param reason in the caller's words; may be empty
    /// @return [Reply.Broken], a conflict, where it does not wait any more
    Reply withdraw(Caller caller, CallId call, String reason);

    /// The server's tools that this caller is shown: those that some rule could permit it.
    List<ToolDefinition> visible(Caller caller, String server);

    /// The tool as it is pinned, whoever may call it.
    java.util.Optional<ToolDefinition> definition(dev.guardrail.call.ToolName tool);

    /// @param key as the client sent it
    /// @param body digest of the request's canonical body
    record IdempotencyKey(String key, dev.guardrail.base.Sha256 body) {}
}
