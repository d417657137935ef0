package dev.guardrail.condition;

import java.util.List;
import java.util.Optional;

/// What came of compiling a value that a `modify` rule sets.
///
/// @param expression empty exactly where one of the findings is an error
/// @param findings in order of position
public record CompiledValue(Optional<Expression> expression, List<Finding> findings) {
    public CompiledValue {
        findings = List.copyOf(findings);
    }
}
