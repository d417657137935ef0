package dev.guardrail.server.wiring;

import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.Source;
import dev.guardrail.server.console.policies.PolicyFiles;
import java.util.List;

/// What pages show of the policies' files.
record ShownPolicies(Assembly assembly) implements PolicyFiles {
    @Override
    public List<Source> sources() {
        return assembly.policies().sources();
    }

    @Override
    public List<Diagnostic> findings() {
        return assembly.findings();
    }

    @Override
    public List<Diagnostic> refused() {
        return assembly.policies().refused();
    }
}
