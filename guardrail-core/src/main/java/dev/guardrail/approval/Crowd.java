package dev.guardrail.approval;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// How many calls of each agent wait for people: no more than its share (security.md, S27). Counts what this process
/// opened or armed; agents with nothing waiting take no memory. Safe for concurrent use.
final class Crowd {
    private final int share;
    private final Map<String, Waiting> byAgent = new HashMap<>();

    /// @param share of one agent, at least 1
    Crowd(int share) {
        if (share < 1) throw new IllegalArgumentException("an agent's share is at least one call");
        this.share = share;
    }

    /// @param told that nobody else fits, and nobody was told that room was made since
    private record Waiting(int count, boolean told) {}

    /// @return empty where the agent's share is used up
    synchronized Optional<Place> enter(String agent) {
        var now = byAgent.getOrDefault(agent, new Waiting(0, false));
        if (now.count() >= share) return Optional.empty();
        byAgent.put(agent, new Waiting(now.count() + 1, now.told()));
        return Optional.of(new Place(() -> leave(agent)));
    }

    /// Counts a ticket that an earlier boot opened, whatever the share.
    synchronized void found(String agent) {
        var now = byAgent.getOrDefault(agent, new Waiting(0, false));
        byAgent.put(agent, new Waiting(now.count() + 1, now.told()));
    }

    /// @return the number that wait, the first time since half of them were decided; empty where that was told
    synchronized Optional<Integer> tell(String agent) {
        var now = byAgent.get(agent);
        if (now == null || now.told()) return Optional.empty();
        byAgent.put(agent, new Waiting(now.count(), true));
        return Optional.of(now.count());
    }

    synchronized void leave(String agent) {
        var now = byAgent.get(agent);
        if (now == null) return;
        if (now.count() <= 1) byAgent.remove(agent);
        else byAgent.put(agent, new Waiting(now.count() - 1, now.told() && now.count() - 1 > share / 2));
    }

    synchronized int of(String agent) {
        var now = byAgent.get(agent);
        return now == null ? 0 : now.count();
    }
}
