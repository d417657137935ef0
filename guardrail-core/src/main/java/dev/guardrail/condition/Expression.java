package dev.guardrail.condition;

import dev.guardrail.base.Json;
import java.util.Optional;

/// A CEL expression that yields a value: what a `modify` rule sets. Bounded, and it never throws.
public interface Expression {

    /// @return the value; empty where the expression failed, which denies
    Optional<Json> evaluate(Facts facts);

    /// True where it reads `path.*`.
    boolean readsPaths();

    /// True where it reads `session.irreversible`.
    boolean readsIrreversible();
}
