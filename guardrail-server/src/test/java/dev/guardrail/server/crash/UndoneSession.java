package dev.guardrail.server.crash;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One session on keys of its own, and everything that its agent and its operator were told of it. Used by one thread
/// at a time.
final class UndoneSession {
    final String id;

    /// What there was before it, by key.
    final Map<String, String> before = new TreeMap<>();

    final List<Act> acts = new ArrayList<>();

    /// Calls of which an operator was told that they are undone.
    final Set<String> toldUndone = new LinkedHashSet<>();

    /// What an operator asked to be undone without having been answered: `*` for all of it, or a call.
    @Nullable
    String undoing;

    /// True once nothing more will be asked of it.
    boolean closed;

    UndoneSession(String id) {
        this.id = id;
    }

    /// One call of the agent.
    ///
    /// @param value empty where it deletes
    /// @param call empty where nobody was told
    /// @param state as its agent was told; empty where nobody was
    record Act(String key, String value, String nonce, String call, String state) {
        Act told(String id, String said) {
            return new Act(key, value, nonce, id, said);
        }

        boolean isTold() {
            return !call.isEmpty();
        }
    }

    /// The call that was on its way when the guard was killed.
    Optional<Act> inFlight() {
        return acts.isEmpty() || acts.getLast().isTold() ? Optional.empty() : Optional.of(acts.getLast());
    }

    /// What its keys hold according to what its agent knows.
    Map<String, String> state() {
        var state = new TreeMap<>(before);
        for (Act act : acts) {
            if (act.value().isEmpty()) state.remove(act.key());
            else state.put(act.key(), act.value());
        }
        return state;
    }
}
