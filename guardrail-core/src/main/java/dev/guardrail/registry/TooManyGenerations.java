package dev.guardrail.registry;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;

/// A session of a session of a session, and so on: where it comes from could not be followed with every call.
public final class TooManyGenerations extends GuardrailException {
    private static final long serialVersionUID = 1L;

    TooManyGenerations() {
        super(
                ProblemType.CONFLICT,
                "the session has as many parents as a session can have; open this one from one of them");
    }
}
