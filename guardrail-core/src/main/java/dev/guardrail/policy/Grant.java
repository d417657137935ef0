package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import dev.guardrail.condition.Facts;

/// The result of an approval: an input to a fresh decision, never a way around it. It answers hold rules and nothing
/// else.
public sealed interface Grant permits ExactGrant, StandingGrant {

    /// Of the ticket or the grant; how often it is used is settled where it is consumed.
    String id();

    /// True where it answers this hold rule for this call, now.
    ///
    /// @param fingerprint of the request ([dev.guardrail.call.DecisionRequest#fingerprint]), worked out once
    boolean answers(Rule hold, Facts facts, Sha256 fingerprint);
}
