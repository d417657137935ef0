package dev.guardrail.registry;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;

/// The same document was changed again and again while this change was tried.
public final class Contended extends GuardrailException {
    private static final long serialVersionUID = 1L;

    public Contended() {
        super(ProblemType.OVERLOADED, "too many changes of the same session at once; try again");
    }
}
