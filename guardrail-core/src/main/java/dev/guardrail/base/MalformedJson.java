package dev.guardrail.base;

/// Bytes that are not one strict JSON value.
public final class MalformedJson extends GuardrailException {
    private static final long serialVersionUID = 1L;

    public MalformedJson(String message) {
        super(ProblemType.MALFORMED_CALL, message);
    }

    public MalformedJson(ProblemType type, String message) {
        super(type, message);
    }
}
