package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Subject;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How standing grants come into being: one with the vote that completes a quorum, and those of a plan with the permit
/// that its approval was used for.
record Giving(Journal journal, IdSource ids, Deadlines<TicketState> deadlines) {

    /// Whose calls a grant is found by: blinded digest of agent and user.
    Sha256 holder(Subject subject) {
        return journal.blind(Sha256.of(JsonObject.with("grantsOf", subject.agent())
                .with("user", subject.user())
                .build()));
    }

    /// What comes of an approval that reaches further. The approved call counts as the grant's first.
    void further(Draft draft, Ticket ticket, ScopedCall wanted) {
        var amount = wanted.scope()
                .reach()
                .amount(wanted.request().action().arguments())
                .orElseThrow();
        give(draft, ticket, wanted, answered(ticket), new Start(1, amount, Optional.empty()));
    }

    /// What comes of an approved plan: of each of its calls that is held a grant of its own, none of it used yet. The
    /// same call twice is one grant for two.
    void planned(Draft draft, Ticket ticket, List<PlannedCall> calls) {
        Set<GrantRecord.Answered> agreed = Set.copyOf(answered(ticket));
        int step = 0;
        for (PlannedCall call : merged(ticket.session(), calls)) {
            var answered = call.holds().stream()
                    .map(rule -> new GrantRecord.Answered(rule.id(), rule.digest()))
                    .toList();
            if (!agreed.containsAll(answered))
                throw new IllegalArgumentException("a plan's people answer every rule that holds its calls");
            var start = new Start(0, BigDecimal.ZERO, Optional.of(++step));
            give(draft, ticket, new ScopedCall(call.scope(), call.request()), answered, start);
        }
    }

    private static List<GrantRecord.Answered> answered(Ticket ticket) {
        return ticket.holds().stream()
                .map(hold -> new GrantRecord.Answered(hold.rule(), hold.digest()))
                .toList();
    }

    private static List<PlannedCall> merged(SessionId session, List<PlannedCall> calls) {
        var merged = new LinkedHashMap<Object, PlannedCall>();
        for (PlannedCall call : calls) {
            var reach = call.scope().reach();
            // Templates with a sum stay apart: each has a ceiling of its own.
            Object key = reach.sum().isPresent() ? call : reach.binding(call.request(), session);
            merged.merge(key, call, (one, more) -> one.with(more.scope().calls()));
        }
        return List.copyOf(merged.values());
    }

    /// What counts already.
    ///
    /// @param step place in its plan, from 1; empty where it is of none
    private record Start(int used, BigDecimal spent, Optional<Integer> step) {}

    private void give(Draft draft, Ticket ticket, ScopedCall call, List<GrantRecord.Answered> answered, Start start) {
        Scope scope = call.scope();
        DecisionRequest request = call.request();
        Instant now = journal.now();
        var grant = new GrantRecord(
                ids.next("grt"),
                ticket.id(),
                ticket.call(),
                ticket.session(),
                ticket.agent(),
                ticket.user(),
                request.action().tool(),
                request.resource().tool().digest(),
                holder(request.subject()),
                journal.blind(scope.reach().binding(request, ticket.session())),
                scope,
                answered,
                List.copyOf(ticket.approvers()),
                now,
                now.plus(scope.life()),
                GrantState.ACTIVE,
                start.used(),
                start.spent(),
                start.step(),
                Optional.empty());
        draft.entry(entry(grant)).change(grant.put(0));
        draft.afterwards(() -> deadlines.arm(grant.id(), TicketState.APPROVED, scope.life()));
    }

    private Entry entry(GrantRecord grant) {
        return new Entry.Granted(
                grant.at(),
                grant.id(),
                grant.ticket(),
                grant.call(),
                grant.session(),
                new Entry.Holder(grant.agent(), grant.user().map(journal::pseudonym)),
                grant.tool(),
                grant.definition(),
                new Entry.Caps(
                        grant.scope().digest(),
                        grant.scope().reach().session(),
                        grant.scope().calls(),
                        grant.scope().reach().sum().map(sum -> sum.max().toPlainString()),
                        grant.until()),
                grant.binding(),
                grant.ruleIds(),
                grant.used(),
                grant.spent().toPlainString(),
                grant.step());
    }
}
