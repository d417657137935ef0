package dev.guardrail.pipeline;

import dev.guardrail.base.Json;

/// Takes secrets out of what is stored. Bounded in time; safe for concurrent use.
@FunctionalInterface
public interface Redaction {

    /// @return the value with every secret replaced; the very same object where there is none
    Json redact(Json value);
}
