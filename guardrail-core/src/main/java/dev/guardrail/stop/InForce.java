package dev.guardrail.stop;

import dev.guardrail.call.SessionId;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Kind;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The stops in force at one moment, as one decision sees them, and how to tell that they are others now.
public final class InForce {
    private final long generation;
    private final List<Stop> stops;
    private final Map<Scope, Map<String, Stop>> bySubject = new EnumMap<>(Scope.class);

    /// @param generation version of the document that changes with every stop and every lifting
    InForce(long generation, Collection<Stop> stops) {
        this.generation = generation;
        this.stops = List.copyOf(stops);
        for (Stop stop : this.stops)
            bySubject.computeIfAbsent(stop.scope(), scope -> new HashMap<>()).putIfAbsent(stop.subject(), stop);
    }

    long generation() {
        return generation;
    }

    /// In order of their ids, which is that of ordering.
    public List<Stop> stops() {
        return stops;
    }

    /// The stop that binds a call: the one that reaches furthest.
    ///
    /// @param origins the sessions that the call's own comes from, nearest first; asked for only where a session
    ///     is stopped
    public Optional<Stop> binding(Target target, Supplier<Set<SessionId>> origins) {
        if (stops.isEmpty()) return Optional.empty();
        return find(Scope.ALL, "")
                .or(() -> find(Scope.AGENT, target.agent()))
                .or(() -> find(Scope.SERVER, target.tool().server()))
                .or(() -> find(Scope.TOOL, target.tool().toString()))
                .or(() -> find(Scope.SESSION, target.session().value()))
                .or(() -> bySubject.containsKey(Scope.SESSION)
                        ? origins.get().stream()
                                .flatMap(origin -> find(Scope.SESSION, origin.value()).stream())
                                .findFirst()
                        : Optional.empty());
    }

    private Optional<Stop> find(Scope scope, String subject) {
        return Optional.ofNullable(bySubject.getOrDefault(scope, Map.of()).get(subject));
    }

    /// The change that lets a batch through only while the stops are these. It is what makes a stop hold on every
    /// replica: of a permit and a stop that race, whichever commits later sees the other.
    public Change expect() {
        return new Change.Expect(Kind.STOP, Stops.GENERATION, generation);
    }
}
