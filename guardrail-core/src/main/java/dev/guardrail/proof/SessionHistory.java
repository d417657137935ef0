package dev.guardrail.proof;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What sessions went through, by their entries alone: nothing is permitted in one that is paused or ended, and an
/// ended
/// one stays ended.
final class SessionHistory {
    private final Set<String> paused = new HashSet<>();
    private final Fingerprints ended = new Fingerprints();

    Optional<Breach> changed(Members entry) {
        String session = entry.text("session").orElseThrow();
        String change = entry.text("change").orElseThrow();
        if (change.equals("message")) return Optional.empty();
        if (ended.contains(session)) return Breach.of("session-over", "says `" + change + "` of an ended session");
        if (change.equals("paused")) paused.add(session);
        else paused.remove(session);
        if (change.equals("ended")) ended.add(session);
        return Optional.empty();
    }

    /// @return a breach where something is permitted that the session's state forbids
    Optional<Breach> decided(String session, boolean permit) {
        boolean stopped = permit && (paused.contains(session) || ended.contains(session));
        return Breach.unless(!stopped, "session-over", "permits a call in a session that is paused or ended");
    }
}
