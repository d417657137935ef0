package dev.guardrail.proof;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was stopped, by its entries alone: between a stop and its lifting nothing in its scope is permitted or held.
/// That a session comes from a stopped one is not in the entries, and not looked at.
final class StopHistory {
    private static final List<String> NAMED = List.of("agent", "session", "tool", "server");

    private final Map<String, Bound> inForce = new HashMap<>();
    private final Fingerprints over = new Fingerprints();

    /// @param subject empty where the scope is `all`
    private record Bound(String scope, String subject) {}

    Optional<Breach> stopped(Members entry) {
        String id = text(entry, "stop");
        Optional<Bound> bound = bound(entry);
        if (bound.isEmpty()) return Breach.of("contradicts-itself", "stops something else than its scope says");
        if (over.contains(id) || inForce.putIfAbsent(id, bound.get()) != null)
            return Breach.of("stop-twice", "orders a stop that was there before");
        return Optional.empty();
    }

    Optional<Breach> lifted(Members entry) {
        String id = text(entry, "stop");
        Bound bound = inForce.remove(id);
        if (bound == null) return Breach.of("no-stop", "lifts a stop that is not in force");
        over.add(id);
        return Breach.unless(bound(entry).equals(Optional.of(bound)), "stop-changed", "lifts a stop of another scope");
    }

    /// @param begins true where the decision permits or holds
    Optional<Breach> decided(Members entry, boolean begins) {
        if (!begins || inForce.isEmpty()) return Optional.empty();
        return Breach.unless(
                inForce.values().stream().noneMatch(bound -> binds(bound, entry)),
                "stopped",
                "permits or holds a call that was stopped");
    }

    private static boolean binds(Bound bound, Members entry) {
        String tool = text(entry, "tool");
        return switch (bound.scope()) {
            case "all" -> true;
            case "agent", "session", "tool" -> text(entry, bound.scope()).equals(bound.subject());
            case "server" -> tool.startsWith(bound.subject() + ".");
            default -> throw new IllegalStateException("a scope that no entry can have");
        };
    }

    /// @return empty unless exactly the member that the scope asks for is there
    private static Optional<Bound> bound(Members entry) {
        String scope = text(entry, "scope");
        boolean fits = NAMED.stream().allMatch(name -> entry.has(name) == name.equals(scope));
        return fits ? Optional.of(new Bound(scope, entry.text(scope).orElse(""))) : Optional.empty();
    }

    private static String text(Members entry, String member) {
        return entry.text(member).orElseThrow();
    }
}
