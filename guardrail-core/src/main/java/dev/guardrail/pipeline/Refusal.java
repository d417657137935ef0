package dev.guardrail.pipeline;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;

/// A request that is answered with a problem: it names nothing that this caller may see or do, or contradicts itself.
public final class Refusal extends GuardrailException {
    private static final long serialVersionUID = 1L;

    public Refusal(ProblemType type, String message) {
        super(type, message);
    }
}
