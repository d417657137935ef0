package dev.guardrail.server.identity;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;

/// Nobody can say now whether a token is good: its issuer's keys are not known and cannot be read.
final class KeysUnavailable extends GuardrailException {
    private static final long serialVersionUID = 1L;

    KeysUnavailable() {
        super(
                ProblemType.IDENTITY_UNAVAILABLE,
                "the authorization server's keys cannot be read, so no token of it is taken now; keys still work");
    }
}
