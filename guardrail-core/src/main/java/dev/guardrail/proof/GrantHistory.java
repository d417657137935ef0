package dev.guardrail.proof;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What standing grants went through, by their entries alone: given by votes that all asked for it or by the permit of
/// an approved plan, used within their caps by those whom they are for, and not after their end.
final class GrantHistory {
    /// What an id of a standing grant begins with; others are tickets.
    private static final String PREFIX = "grt_";

    /// The tool whose permits give grants.
    private static final String PLAN = "guardrail.plan";

    private final Map<String, Grant> open = new HashMap<>();
    private final Fingerprints over = new Fingerprints();
    private final TicketHistory tickets;
    private long uses;

    /// The permit of a plan, while its grants follow it.
    private @Nullable Members plan;

    private long steps;

    /// A grant that has not ended.
    private static final class Grant {
        private final Members entry;
        private final long until;
        private final long calls;
        private final Optional<BigDecimal> sum;
        private long used;
        private BigDecimal spent;

        private Grant(Members entry) {
            this.entry = entry;
            this.until = EntryTime.millis(text(entry, "until")).orElseThrow();
            this.calls = entry.integer("calls").orElseThrow();
            this.sum = entry.text("sum").map(BigDecimal::new);
            this.used = entry.integer("used").orElseThrow();
            this.spent = new BigDecimal(text(entry, "spent"));
        }

        boolean isFor(Members decided) {
            boolean session = text(entry, "within").equals("agent")
                    || text(entry, "session").equals(text(decided, "session"));
            return session
                    && text(entry, "agent").equals(text(decided, "agent"))
                    && entry.text("user").equals(decided.text("user"))
                    && text(entry, "tool").equals(text(decided, "tool"))
                    && text(entry, "definition").equals(text(decided, "definition"));
        }

        boolean isWithinCaps() {
            return used <= calls && sum.map(most -> spent.compareTo(most) <= 0).orElse(spent.signum() == 0);
        }
    }

    GrantHistory(TicketHistory tickets) {
        this.tickets = tickets;
    }

    static boolean isStanding(String id) {
        return id.startsWith(PREFIX);
    }

    Optional<Breach> granted(Members entry, long at) {
        String id = text(entry, "grant");
        if (!isStanding(id) || open.containsKey(id) || over.contains(id))
            return Breach.of("grant-twice", "gives a grant that was there before, or is none by its name");
        var unasked = entry.has("step") ? planned(entry) : tickets.granted(entry);
        if (unasked.isPresent()) return unasked;
        var grant = new Grant(entry);
        if (grant.until <= at || !grant.isWithinCaps())
            return Breach.of("over-caps", "gives a grant that is over, or more used than it is for");
        open.put(id, grant);
        return Optional.empty();
    }

    /// One of a plan follows the permit that used the approval of that plan, in its place, and is not used yet.
    private Optional<Breach> planned(Members entry) {
        Members permit = plan;
        boolean fits = permit != null
                && text(permit, "tool").equals(PLAN)
                && text(permit, "status").equals("running")
                && Stream.of("call", "session", "agent")
                        .allMatch(name -> text(permit, name).equals(text(entry, name)))
                && permit.text("user").equals(entry.text("user"))
                && permit.texts("grants").contains(text(entry, "ticket"))
                && text(entry, "within").equals("session")
                && entry.integer("used").orElse(-1) == 0
                && entry.integer("step").orElse(-1) == steps + 1;
        steps++;
        return Breach.unless(fits, "no-plan", "gives a grant of a plan that was not permitted right before it");
    }

    /// Any other entry than a grant: the grants of a plan are all given.
    void other() {
        plan = null;
    }

    Optional<Breach> ended(Members entry) {
        String id = text(entry, "grant");
        Grant grant = open.remove(id);
        over.add(id);
        return Breach.unless(
                grant != null && text(grant.entry, "agent").equals(text(entry, "agent")),
                "no-grant",
                "ends a grant that is not there, or had come to its end");
    }

    /// A permit used standing grants.
    ///
    /// @param grants ids of those that no earlier permit of the same call had used
    Optional<Breach> used(Members decided, List<String> grants, long at) {
        plan = decided;
        steps = 0;
        Set<String> debited = new HashSet<>();
        for (Members debit : decided.objects("debits")) {
            String id = text(debit, "grant");
            if (!grants.contains(id) || !debited.add(id))
                return Breach.of("other-debit", "debits a grant that it does not use, or debits it twice");
            var breach = debit(decided, debit, at);
            if (breach.isPresent()) return breach;
        }
        return Breach.unless(debited.containsAll(grants), "no-debit", "uses a grant that it does not debit");
    }

    private Optional<Breach> debit(Members decided, Members debit, long at) {
        String id = text(debit, "grant");
        Grant grant = open.get(id);
        if (grant == null)
            return over.contains(id)
                    ? Breach.of("late-use", "uses a grant that was taken back, or was over")
                    : Breach.of("no-grant", "uses a grant that nobody gave");
        if (!grant.isFor(decided))
            return Breach.of("other-binding", "uses a grant that was given to another agent, session or tool");
        if (at >= grant.until) return Breach.of("late-use", "uses a grant after its end");
        if (grant.sum.isPresent() != debit.has("amount"))
            return Breach.of("other-debit", "debits no amount where the grant has a sum, or one where it has none");
        grant.used++;
        grant.spent = debit.text("amount")
                .map(amount -> grant.spent.add(new BigDecimal(amount)))
                .orElse(grant.spent);
        uses++;
        return Breach.unless(grant.isWithinCaps(), "over-caps", "uses more of a grant than it is for");
    }

    long uses() {
        return uses;
    }

    private static String text(Members entry, String member) {
        return entry.text(member).orElseThrow();
    }
}
