package dev.guardrail.stop;

/// What a sweep took back.
///
/// @param holds tickets that were waiting for people, or approved and not used
/// @param leases callers' permits of which nobody had reported an outcome
/// @param queued calls that were waiting for their time
/// @param runs running calls that were told to end, in this process
public record Swept(int holds, int leases, int queued, int runs) {
    static final Swept NOTHING = new Swept(0, 0, 0, 0);
}
