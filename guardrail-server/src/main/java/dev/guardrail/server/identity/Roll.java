package dev.guardrail.server.identity;

import dev.guardrail.approval.Alias;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The operators: those who are configured, and those whom an identity provider vouched for lately. Nobody stands in it
/// under a name that is, or may be, somebody else's. Kept in memory: a restart leaves those who are configured.
/// Safe for concurrent use.
public final class Roll {
    private final List<Caller> configured;
    private final Map<String, String> subjects;
    private final Duration life;
    private final Ticker ticker;
    private final Map<String, Known> vouched = new LinkedHashMap<>();

    /// @param configured operators as they stand in the configuration, each name once
    /// @param subjects names of configured operators, by the subject under which the provider knows them
    /// @param life how long somebody is known after signing in
    public Roll(List<Caller> configured, Map<String, String> subjects, Duration life, Ticker ticker) {
        this.configured = List.copyOf(configured);
        this.subjects = Map.copyOf(subjects);
        this.life = life;
        this.ticker = ticker;
    }

    /// Somebody of the provider's.
    ///
    /// @param subject that no two people share, and none ever changes
    /// @param name to be known by here, unless the configuration has another one
    /// @param aliases every other name that the provider tells
    record Person(String subject, String name, Set<String> aliases, Set<String> roles, Set<String> groups) {}

    /// What became of somebody.
    sealed interface Entry {
        record Made(Caller caller) implements Entry {}

        /// Neither the configuration nor the provider gives them a role.
        record Roleless() implements Entry {}

        /// @param other whose name it may be
        record Taken(String other) implements Entry {}
    }

    private record Known(Caller caller, long at) {}

    /// Enters somebody who signed in now, in place of what was known of them.
    synchronized Entry enter(Person person) {
        forget();
        vouched.remove(person.subject());
        String bound = subjects.get(person.subject());
        String name = bound == null ? person.name() : bound;
        var aliases = new HashSet<>(person.aliases());
        aliases.add(person.subject());
        aliases.add(person.name());
        aliases.remove(name);
        var fresh = Caller.operator(name, person.roles(), person.groups(), aliases);
        var whole = bound == null
                ? fresh
                : merged(Stream.concat(
                                configured.stream().filter(operator -> isNamed(operator, name)), Stream.of(fresh))
                        .toList());
        if (whole.roles().isEmpty()) return new Entry.Roleless();
        Optional<String> other = bound == null ? holder(person) : Optional.empty();
        if (other.isPresent()) return new Entry.Taken(other.get());
        vouched.put(person.subject(), new Known(fresh, ticker.nanos()));
        return new Entry.Made(whole);
    }

    private static boolean isNamed(Caller operator, String name) {
        return operator.name().equals(name);
    }

    /// Whose name it is, or may be, beside this person's.
    private Optional<String> holder(Person person) {
        var bound = Set.copyOf(subjects.values());
        Stream<String> here = configured.stream()
                .filter(operator -> Alias.possible(operator.name(), person.name())
                        || !bound.contains(operator.name()) && mayBe(person, operator.name()))
                .map(Caller::name);
        Stream<String> there = vouched.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(person.subject()))
                .map(entry -> entry.getValue().caller().name())
                .filter(name -> Alias.possible(name, person.name()));
        return Stream.concat(here, there).findFirst();
    }

    private static boolean mayBe(Person person, String name) {
        return Alias.possible(person.subject(), name)
                || person.aliases().stream().anyMatch(alias -> Alias.possible(alias, name));
    }

    /// Every operator once, with all that is known of them.
    public synchronized Collection<Caller> operators() {
        forget();
        var byName = new LinkedHashMap<String, List<Caller>>();
        Stream.concat(configured.stream(), vouched.values().stream().map(Known::caller))
                .forEach(caller -> byName.computeIfAbsent(caller.name(), first -> new ArrayList<>())
                        .add(caller));
        return byName.values().stream().map(Roll::merged).toList();
    }

    private static Caller merged(List<Caller> one) {
        var roles = new HashSet<String>();
        var groups = new HashSet<String>();
        var aliases = new HashSet<String>();
        for (Caller caller : one) {
            roles.addAll(caller.roles());
            groups.addAll(caller.groups());
            aliases.addAll(caller.aliases());
        }
        return Caller.operator(one.getFirst().name(), roles, groups, aliases);
    }

    private void forget() {
        long now = ticker.nanos();
        vouched.values().removeIf(known -> now - known.at() > life.toNanos());
    }
}
