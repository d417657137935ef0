package dev.guardrail.journal;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;
import org.jspecify.annotations.Nullable;

/// The journal cannot be written: no new action runs until it can.
public final class JournalUnavailable extends GuardrailException {
    private static final long serialVersionUID = 1L;

    public JournalUnavailable(@Nullable Throwable cause) {
        super(
                ProblemType.JOURNAL_UNAVAILABLE,
                "the journal cannot be written, so nothing runs; check the data directory and its disk, then try again",
                cause);
    }
}
