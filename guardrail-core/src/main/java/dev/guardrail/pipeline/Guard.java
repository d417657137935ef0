package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.ToolDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The policy enforcement point: every call takes this path, whichever door it came in by. Safe for concurrent use.
public interface Guard {

    /// Takes a proposed call down the whole path. Never throws and never hangs longer than the attendance's timeout:
    /// any fault is a refusal.
    ///
    /// @param idempotencyKey the client's own key for this proposal, and the digest of the body it came with
    Reply propose(Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance);

    /// Runs a call that was permitted or approved, once; a second time answers the first outcome, replayed.
    Reply execute(Caller caller, CallId call, Attendance attendance);

    /// Records what came of a call that the caller ran, or (operators) of one in doubt.
    Reply report(Caller caller, CallId call, boolean ok, Optional<Json> result, String error);

    /// Where a call stands, waiting up to `wait` for it to leave `held` or `running`.
    Reply state(Caller caller, CallId call, Duration wait);

    /// Gives up a held call whose client left or cancelled.
    Reply cancel(Caller caller, CallId call);

    /// The server's tools that this caller is shown: those that some rule could permit it.
    List<ToolDefinition> visible(Caller caller, String server);

    /// The tool as it is pinned, whoever may call it.
    java.util.Optional<ToolDefinition> definition(dev.guardrail.call.ToolName tool);

    /// @param key as the client sent it
    /// @param body digest of the request's canonical body
    record IdempotencyKey(String key, dev.guardrail.base.Sha256 body) {}
}
