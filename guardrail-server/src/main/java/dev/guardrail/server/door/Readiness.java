package dev.guardrail.server.door;

import java.util.List;
import java.util.Optional;

/// Whether calls can be judged and journaled now. Answers from memory.
@FunctionalInterface
public interface Readiness {

    /// @return the word for what is missing (`journal`, `policy`, `draining`); empty where nothing is
    Optional<String> fault();

    /// @return words for what is not as it should be though calls are judged (`policies-watch`: a change of the
    ///     policies is noticed late; `channel:NAME`: what was last told through it did not arrive)
    default List<String> worries() {
        return List.of();
    }
}
