package dev.guardrail.session;

import dev.guardrail.call.SessionId;
import java.util.List;
import java.util.Set;

/// Immutable snapshot of a session for one decision.
///
/// @param task what the session is for; a claim unless `taskTrusted`
/// @param taints never forgotten
/// @param seen tools that ever ran here, as `server.name`; never forgotten
/// @param irreversible calls permitted before this one that may have changed something and cannot be taken back
/// @param messages what the user said, oldest first: trusted text
/// @param version of the session's facts; a decision taken on an older one is not committed
public record SessionView(
        SessionId id,
        String task,
        boolean taskTrusted,
        Set<String> taints,
        Set<String> seen,
        int irreversible,
        Trajectory calls,
        List<String> messages,
        long version) {

    public SessionView {
        taints = Set.copyOf(taints);
        seen = Set.copyOf(seen);
        messages = List.copyOf(messages);
    }

    /// The same, without one call that was counted: what it was decided on when it was permitted.
    public SessionView uncounted() {
        return new SessionView(
                id, task, taskTrusted, taints, seen, Math.max(0, irreversible - 1), calls, messages, version);
    }

    /// A session in which nothing has happened.
    public static SessionView fresh(SessionId id) {
        return new SessionView(id, "", false, Set.of(), Set.of(), 0, Trajectory.EMPTY, List.of(), 0);
    }
}
