package dev.guardrail.session;

import java.util.List;

/// The session's latest attested calls, oldest first.
///
/// @param complete false where older calls fell out of the window: a search that reaches the window's end
///     without an answer is then an error, never false
public record Trajectory(List<PastCall> calls, boolean complete) {
    /// Calls that the window holds.
    public static final int WINDOW = 256;

    public static final Trajectory EMPTY = new Trajectory(List.of(), true);

    public Trajectory {
        calls = List.copyOf(calls);
    }

    /// This window with one call more; the oldest falls out where it is full.
    public Trajectory and(PastCall call) {
        boolean full = calls.size() == WINDOW;
        var window = new java.util.ArrayList<>(full ? calls.subList(1, WINDOW) : calls);
        window.add(call);
        return new Trajectory(window, complete && !full);
    }
}
