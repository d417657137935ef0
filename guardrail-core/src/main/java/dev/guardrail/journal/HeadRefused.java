package dev.guardrail.journal;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;

/// The log does not extend what was signed for before, or the key is not the log's: nothing is signed, and a guard does
/// not start on it. The message says what to do.
public final class HeadRefused extends GuardrailException {
    private static final long serialVersionUID = 1L;

    HeadRefused(String message) {
        super(ProblemType.JOURNAL_UNAVAILABLE, message);
    }
}
