package dev.guardrail.pack;

import dev.guardrail.policy.Quorum;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What a guard's configuration says beside its policies, as far as it matters to a review.
///
/// @param servers what is configured, by name; empty where no configuration is known
/// @param attainable true for a quorum that the configured people can meet
public record Surroundings(Optional<Map<String, ServerKind>> servers, Predicate<Quorum> attainable) {
    /// No configuration is known.
    public static final Surroundings UNKNOWN = new Surroundings(Optional.empty(), quorum -> true);

    /// How a server stands to agents.
    public enum ServerKind {
        /// Its tools are called through the guard.
        GUARDED,
        /// It is the guard's own; its tools are known.
        WORKSPACE,
        /// Its tools are run by whoever calls them.
        CALLER_RUN,
        /// It puts back what others change; agents never see it.
        RESTORING
    }

    public Surroundings {
        servers = servers.map(TreeMap::new).map(java.util.Collections::unmodifiableMap);
    }

    boolean has(String server) {
        return servers.isEmpty() || servers.get().containsKey(server);
    }

    boolean isCallerRun(String server) {
        return servers.isPresent() && servers.get().get(server) == ServerKind.CALLER_RUN;
    }
}
