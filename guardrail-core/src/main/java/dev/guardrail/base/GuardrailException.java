package dev.guardrail.base;

import org.jspecify.annotations.Nullable;

/// Broken infrastructure, or a request that cannot be judged. Rooms that fail extend it; its message is one
/// lower-case sentence that says what to do next and holds no secret.
public abstract class GuardrailException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ProblemType type;

    protected GuardrailException(ProblemType type, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.type = type;
    }

    protected GuardrailException(ProblemType type, String message) {
        this(type, message, null);
    }

    public ProblemType type() {
        return type;
    }
}
