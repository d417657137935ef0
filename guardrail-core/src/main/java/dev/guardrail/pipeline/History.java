package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Hold;
import dev.guardrail.approval.ScopedCall;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Reach;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// An agent's latest calls, as they are recorded. What lay at their paths then is not recorded, so a path counts by its
/// text.
record History(Journal journal, ApprovalDesk desk, Replies replies) {
    /// Calls that a preview looks at.
    static final int CALLS = 1_000;

    /// Decisions that are read to find them: a call that was held is decided more than once.
    private static final int DECISIONS = 4 * CALLS;

    private static final int PAGE = 500;

    Preview preview(Ticket ticket, ScopedCall wanted) {
        Set<CallId> latest = latest(ticket.agent(), ticket.call());
        int covered = 0;
        int unknown = 0;
        var denied = new ArrayList<CallId>();
        for (CallId id : latest) {
            Optional<CallRecord> call = journal.get(Kind.CALL, id.value()).map(found -> CallRecord.of(found.value()));
            if (call.isEmpty() || !isAlike(call.get(), ticket, wanted) || !wasHeld(call.get(), ticket)) continue;
            switch (within(call.get(), wanted)) {
                case UNKNOWN -> unknown++;
                case YES -> {
                    covered++;
                    if (call.get().cause().equals(Cause.PERSON.text())) denied.add(id);
                }
                case NO -> {}
            }
        }
        return new Preview(latest.size(), covered, denied, unknown);
    }

    /// Newest first, at most as many as are looked at, without the call itself.
    private Set<CallId> latest(String agent, CallId own) {
        var calls = new LinkedHashSet<CallId>();
        var query = new Store.Query(null, null, agent, null, null, "decided");
        long before = Long.MAX_VALUE;
        for (int read = 0; read < DECISIONS; read += PAGE) {
            List<Store.Found> page = journal.search(query, before, PAGE);
            for (Store.Found found : page) {
                var call = new CallId(found.entry().text("call").orElseThrow());
                if (!call.equals(own)) calls.add(call);
                if (calls.size() == CALLS) return calls;
                before = found.seq();
            }
            if (page.size() < PAGE) return calls;
        }
        return calls;
    }

    private static boolean isAlike(CallRecord call, Ticket ticket, ScopedCall wanted) {
        return call.tool().equals(ticket.tool())
                && call.definition().equals(ticket.definition())
                && call.user().equals(ticket.user())
                && (!wanted.scope().reach().session() || call.session().equals(ticket.session()));
    }

    /// True where people were asked, or could have been, and for nothing but what the grant will answer.
    private boolean wasHeld(CallRecord call, Ticket ticket) {
        if (call.cause().equals(Cause.REQUESTABLE.text())) return ticket.rules().containsAll(call.rules());
        Set<Sha256> answered = ticket.holds().stream().map(Hold::digest).collect(Collectors.toUnmodifiableSet());
        return call.ticket()
                .flatMap(desk::find)
                .filter(other -> other.holds().stream().map(Hold::digest).allMatch(answered::contains))
                .isPresent();
    }

    private enum Within {
        YES,
        NO,
        UNKNOWN
    }

    private Within within(CallRecord call, ScopedCall wanted) {
        Optional<JsonObject> arguments = replies.arguments(call);
        if (!call.whole() || arguments.isEmpty()) return Within.UNKNOWN;
        Reach reach = wanted.scope().reach();
        Sha256 fixed = fixed(reach, wanted.request().action().arguments());
        Optional<BigDecimal> amount = reach.amount(arguments.get());
        boolean fits = fixed.equals(fixed(reach, arguments.get()))
                && amount.isPresent()
                && reach.sum()
                        .map(sum -> amount.get().compareTo(sum.max()) <= 0)
                        .orElse(true);
        return fits ? Within.YES : Within.NO;
    }

    private static Sha256 fixed(Reach reach, JsonObject arguments) {
        return Sha256.of(reach.fixed(arguments));
    }
}
