package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads `identity`.
///
/// @param origins that this guard answers to beside loopback
record IdentityReader(ConfigurationReader.Places places, Findings findings, Secrets secrets, Set<String> origins) {

    /// Who knows agents and operators beside their keys.
    ///
    /// @param agents true where somebody is named who knows agents, well or not
    /// @param operators the same of operators
    record Identity(
            Optional<Configuration.OAuth> oauth,
            Optional<Configuration.SignIn> signIn,
            boolean agents,
            boolean operators) {}

    Identity read(Fields top) {
        Optional<Fields> identity = top.value("identity")
                .flatMap(value -> Fields.of(value, "`identity`", List.of("oauth", "signIn"), findings));
        if (identity.filter(fields -> !fields.has("oauth") && !fields.has("signIn"))
                .isPresent())
            findings.error(
                    identity.get().place(),
                    "missing-key",
                    "`identity` needs `oauth`, for agents, or `signIn`, for operators, or both");
        return new Identity(
                identity.flatMap(new OAuthReader(findings)::read),
                identity.flatMap(new SignInReader(places, findings, secrets, origins)::read),
                identity.filter(fields -> fields.has("oauth")).isPresent(),
                identity.filter(fields -> fields.has("signIn")).isPresent());
    }
}
