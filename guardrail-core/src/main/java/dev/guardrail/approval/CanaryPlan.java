package dev.guardrail.approval;

import java.time.Duration;
import java.util.List;

/// How approvers are tested, where they are.
///
/// @param catalogue what is shown, one of them at a time
/// @param approvers who is asked, as rules say it
/// @param every time between two of them, about: each time it is drawn anew from half of it to one and a half
/// @param expiresAfter how long people have
public record CanaryPlan(List<Decoy> catalogue, List<String> approvers, Duration every, Duration expiresAfter) {
    public CanaryPlan {
        catalogue = List.copyOf(catalogue);
        approvers = List.copyOf(approvers);
        if (catalogue.isEmpty() || approvers.isEmpty())
            throw new IllegalArgumentException("a plan needs something to show, and somebody to show it to");
    }
}
