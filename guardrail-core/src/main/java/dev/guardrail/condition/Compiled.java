package dev.guardrail.condition;

import java.util.List;
import java.util.Optional;

/// What came of compiling a condition.
///
/// @param condition empty exactly where one of the findings is an error
/// @param findings in order of position
public record Compiled(Optional<Condition> condition, List<Finding> findings) {
    public Compiled {
        findings = List.copyOf(findings);
    }
}
