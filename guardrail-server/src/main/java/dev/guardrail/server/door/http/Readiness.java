package dev.guardrail.server.door.http;

import java.util.Optional;

/// Whether calls can be judged and journaled now. Answers from memory.
@FunctionalInterface
public interface Readiness {

    /// @return the word for what is missing (`journal`, `policy`, `draining`); empty where nothing is
    Optional<String> fault();
}
