package dev.guardrail.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Who must agree before a held call may run (contract, section 3).
///
/// @param approvers `role:…`, `group:…`, an operator's name, or `session.user`; one of them is enough to be eligible
/// @param required distinct people, at least 1
/// @param distinctGroups one from each of the groups named
/// @param excludeRequester nobody votes on a call made for them
/// @param expiresAfter then denied, always
/// @param validFor how long the approval can be used after quorum
/// @param confirm CEL expression of the value that the approver types, where one is asked for
/// @param remember longest that an approval may be remembered; empty where never
/// @param escalate who may approve, too, once nobody has decided for a while; in order of time
/// @param channels names of channels that people are told through; all that there are where it names none
public record Quorum(
        List<String> approvers,
        int required,
        boolean distinctGroups,
        boolean excludeRequester,
        Duration expiresAfter,
        Duration validFor,
        Optional<String> confirm,
        Optional<Duration> remember,
        List<Escalation> escalate,
        List<String> channels) {

    /// A later circle of people: those before stay.
    ///
    /// @param after since the call was held
    /// @param to forms as in [Quorum#approvers]
    public record Escalation(Duration after, List<String> to) {
        public Escalation {
            to = List.copyOf(to);
        }
    }

    /// A quorum that tells nobody and calls in nobody else.
    public Quorum(
            List<String> approvers,
            int required,
            boolean distinctGroups,
            boolean excludeRequester,
            Duration expiresAfter,
            Duration validFor,
            Optional<String> confirm,
            Optional<Duration> remember) {
        this(
                approvers,
                required,
                distinctGroups,
                excludeRequester,
                expiresAfter,
                validFor,
                confirm,
                remember,
                List.of(),
                List.of());
    }

    /// Contract's defaults: role `approver`, one person, an hour, requester excluded, usable for ten minutes.
    public static final Quorum DEFAULT = new Quorum(
            List.of("role:approver"),
            1,
            false,
            true,
            Duration.ofHours(1),
            Duration.ofMinutes(10),
            Optional.empty(),
            Optional.empty());

    public Quorum {
        approvers = List.copyOf(approvers);
        escalate = List.copyOf(escalate);
        channels = List.copyOf(channels);
        if (required < 1) throw new IllegalArgumentException("a quorum needs at least one person");
        if (approvers.isEmpty()) throw new IllegalArgumentException("a quorum needs somebody eligible");
    }
}
