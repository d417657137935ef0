package dev.guardrail.proof;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;

/// Text or bytes that are not the note, checkpoint, key, tile or proof they should be.
public final class MalformedProof extends GuardrailException {
    private static final long serialVersionUID = 1L;

    MalformedProof(String message) {
        super(ProblemType.MALFORMED_CALL, message);
    }

    MalformedProof(String message, Throwable cause) {
        super(ProblemType.MALFORMED_CALL, message, cause);
    }
}
