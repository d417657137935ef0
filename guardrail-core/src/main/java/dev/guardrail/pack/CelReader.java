package dev.guardrail.pack;

import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Compiled;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Expression;
import dev.guardrail.condition.Finding;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compiles the CEL in a file, and reports what is wrong with it where it stands.
final class CelReader {
    private final CelConditions cel;
    private final Map<Asked, Compiled> known;
    private final Findings findings;

    /// A condition, and the tools that it is checked against.
    record Asked(String source, List<ToolName> tools) {}

    /// @param known conditions compiled so far: large packs say the same thing of many tools, and compiling is slow
    CelReader(CelConditions cel, Map<Asked, Compiled> known, Findings findings) {
        this.cel = cel;
        this.known = known;
        this.findings = findings;
    }

    Optional<Condition> condition(Yaml yaml, Collection<ToolDefinition> matched) {
        return source(yaml).flatMap(scalar -> {
            var compiled = known.computeIfAbsent(
                    new Asked(scalar.value(), names(matched)), asked -> cel.compile(asked.source(), matched));
            report(scalar, compiled.findings());
            return compiled.condition();
        });
    }

    Optional<Expression> value(Yaml yaml, Collection<ToolDefinition> matched) {
        return source(yaml).flatMap(scalar -> {
            var compiled = cel.compileValue(scalar.value(), matched);
            report(scalar, compiled.findings());
            return compiled.expression();
        });
    }

    private static List<ToolName> names(Collection<ToolDefinition> matched) {
        return matched.stream().map(ToolDefinition::name).toList();
    }

    /// CEL needs no quotes: `true` and `1000` are expressions too.
    private Optional<Yaml.Scalar> source(Yaml yaml) {
        if (yaml instanceof Yaml.Scalar scalar
                && !scalar.isNull()
                && !scalar.value().isBlank()) return Optional.of(scalar);
        findings.error(yaml.place(), "wrong-type", "a CEL expression is a text, not " + Fields.kind(yaml));
        return Optional.empty();
    }

    private void report(Yaml.Scalar scalar, List<Finding> found) {
        for (Finding finding : found) {
            Place place = ScalarOffset.of(findings, scalar, finding.line() + 1, finding.column() + 1);
            if (finding.isError()) findings.error(place, finding.code(), finding.message());
            else findings.warning(place, finding.code(), finding.message());
        }
    }
}
