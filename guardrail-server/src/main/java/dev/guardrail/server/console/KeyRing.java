package dev.guardrail.server.console;

import dev.guardrail.call.Caller;
import java.util.Optional;

/// Whose key somebody has typed.
@FunctionalInterface
public interface KeyRing {
    /// @return empty where it is nobody's
    Optional<Caller> owner(String key);
}
