package dev.guardrail.call;

import dev.guardrail.base.JsonObject;
import java.util.Optional;

/// A call as proposed: verbatim, before anything is known of it.
///
/// @param caller whose verified credential came with it
/// @param session the session that a host names; agents never name one
/// @param door where it came in (`http`, `mcp`), for metrics
/// @param tool what it names; whether such a tool exists is not known yet
/// @param arguments as parsed once; what goes upstream is re-serialised from this
/// @param reason the agent's words, trusted for nothing; empty where it gave none
/// @param undoes the call that it takes back; no door sets it from what a message says
public record Proposal(
        Caller caller,
        Optional<SessionId> session,
        String door,
        ToolName tool,
        JsonObject arguments,
        String reason,
        Run run,
        Optional<CallId> undoes) {

    /// A call that acts.
    public Proposal(
            Caller caller,
            Optional<SessionId> session,
            String door,
            ToolName tool,
            JsonObject arguments,
            String reason,
            Run run) {
        this(caller, session, door, tool, arguments, reason, run, Optional.empty());
    }

    public Purpose purpose() {
        return undoes.isPresent() ? Purpose.UNDO : Purpose.ACT;
    }
}
