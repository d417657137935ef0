package dev.guardrail.pack;

import dev.guardrail.policy.PolicySet;
import dev.guardrail.sandbox.Profile;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Everything that an operator's policy files say, and what is wrong with them.
///
/// @param policies all rules; [PolicySet#EMPTY], which permits nothing, where there is an error
/// @param catalogue what is said of tools
/// @param cases promises that the pack makes
/// @param profiles sandbox profiles by name, its own and those that it was told of; none where there is an error
/// @param diagnostics in order of file and position
public record PolicyPack(
        PolicySet policies,
        ToolCatalogue catalogue,
        List<PackCase> cases,
        Map<String, Profile> profiles,
        List<Diagnostic> diagnostics) {
    public PolicyPack {
        cases = List.copyOf(cases);
        profiles = Collections.unmodifiableMap(new TreeMap<>(profiles));
        diagnostics = List.copyOf(diagnostics);
    }

    /// True where nothing keeps it from being put into force.
    public boolean isSound() {
        return diagnostics.stream().noneMatch(Diagnostic::isError);
    }
}
