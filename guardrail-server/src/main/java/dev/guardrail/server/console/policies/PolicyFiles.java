package dev.guardrail.server.console.policies;

import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.Source;
import java.util.List;

/// The files behind the policies in force, and what is wrong with them.
public interface PolicyFiles {
    /// What was read when they came into force.
    List<Source> sources();

    /// What is wrong with the policies in force, as the tools are now.
    List<Diagnostic> findings();

    /// Why the last reading was refused; empty where it was not.
    List<Diagnostic> refused();
}
