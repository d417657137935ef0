package dev.guardrail.server.wiring;

import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.Place;
import java.util.List;

/// A configuration or policy that nothing may run on. Its findings say where and how to mend it.
public final class InvalidConfiguration extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<Diagnostic> findings;

    public InvalidConfiguration(List<Diagnostic> findings) {
        super(findings.size() + " findings in the configuration");
        this.findings = List.copyOf(findings);
    }

    /// A fault of something that has no position: a file that is missing, an address that is in use.
    public static InvalidConfiguration of(String file, String message) {
        return new InvalidConfiguration(
                List.of(new Diagnostic(Diagnostic.Severity.ERROR, "configuration", file, 1, 1, message, "")));
    }

    /// One that shows once the guard starts.
    static InvalidConfiguration at(String file, Place place, String code, String message) {
        return new InvalidConfiguration(List.of(
                new Diagnostic(Diagnostic.Severity.ERROR, code, file, place.line(), place.column(), message, "")));
    }

    public List<Diagnostic> findings() {
        return findings;
    }
}
