package dev.guardrail.server.identity;

import dev.guardrail.server.door.ProtectedResource;
import java.util.Optional;
import java.util.Set;

/// What a credential may be used for, beside what its owner may do.
///
/// @param scopes what the token was granted; empty for keys, which are granted everything
/// @param names the guard, or its door to one server, as tokens name it; empty for keys
public record Reach(Optional<Set<String>> scopes, Set<String> names) {
    /// A key's.
    static final Reach EVERYTHING = new Reach(Optional.empty(), Set.of());

    public Reach {
        scopes = scopes.map(Set::copyOf);
        names = Set.copyOf(names);
    }

    boolean isGranted(String scope) {
        return scopes.isEmpty() || scopes.get().contains(scope);
    }

    /// @param server the server whose door it is; empty for every other route
    boolean isFor(ProtectedResource resource, Optional<String> server) {
        return scopes.isEmpty()
                || names.contains(resource.audience())
                || server.filter(name -> names.contains(resource.name(name))).isPresent();
    }
}
