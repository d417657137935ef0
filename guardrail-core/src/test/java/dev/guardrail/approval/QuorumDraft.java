package dev.guardrail.approval;

import dev.guardrail.policy.Quorum;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A quorum under construction, with the contract's defaults: `QuorumDraft.of(2, "group:payments")`.
record QuorumDraft(
        List<String> approvers,
        int required,
        boolean distinctGroups,
        boolean excludeRequester,
        Duration expiresAfter,
        Duration validFor,
        Optional<String> confirm) {

    static QuorumDraft of(int required, String... approvers) {
        return new QuorumDraft(
                List.of(approvers),
                required,
                false,
                true,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                Optional.empty());
    }

    /// Any approver, one of them.
    static QuorumDraft anyone() {
        return of(1, "role:approver");
    }

    QuorumDraft eachGroup() {
        return new QuorumDraft(approvers, required, true, excludeRequester, expiresAfter, validFor, confirm);
    }

    QuorumDraft requesterToo() {
        return new QuorumDraft(approvers, required, distinctGroups, false, expiresAfter, validFor, confirm);
    }

    QuorumDraft expiresAfter(Duration some) {
        return new QuorumDraft(approvers, required, distinctGroups, excludeRequester, some, validFor, confirm);
    }

    QuorumDraft validFor(Duration some) {
        return new QuorumDraft(approvers, required, distinctGroups, excludeRequester, expiresAfter, some, confirm);
    }

    QuorumDraft confirm(String expression) {
        return new QuorumDraft(
                approvers, required, distinctGroups, excludeRequester, expiresAfter, validFor, Optional.of(expression));
    }

    Quorum quorum() {
        return new Quorum(
                approvers,
                required,
                distinctGroups,
                excludeRequester,
                expiresAfter,
                validFor,
                confirm,
                Optional.of(Duration.ofHours(24)));
    }
}
