package dev.guardrail.pipeline;

import dev.guardrail.call.CallId;
import java.util.List;

/// What a scope would have meant for the latest calls of an agent, had its grant been there.
///
/// @param looked calls that were looked at
/// @param covered of them, those that people were asked for and that would have run without asking
/// @param denied of those covered, the ones that a person denied
/// @param unknown calls that may have been covered or not: their arguments are not kept whole
public record Preview(int looked, int covered, List<CallId> denied, int unknown) {
    public Preview {
        denied = List.copyOf(denied);
    }
}
