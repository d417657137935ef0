package dev.guardrail.pipeline;

import dev.guardrail.call.Caller;
import dev.guardrail.call.Subject;
import java.util.Optional;

/// An operator who takes calls back, as policy and the journal know them. No agent can have such a name.
final class Undoer {
    private static final String KIND = "operator:";

    private Undoer() {}

    static String agent(String name) {
        return KIND + name;
    }

    /// The operator asks for themselves: whoever undoes does not approve it alone.
    static Subject subject(Caller operator) {
        return new Subject(agent(operator.name()), operator.roles(), Optional.of(operator.name()));
    }
}
