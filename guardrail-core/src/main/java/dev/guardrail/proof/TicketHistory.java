package dev.guardrail.proof;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// What tickets went through, by their entries alone: votes while they were pending, an approval by as many people as
/// it needed, and one use of it.
final class TicketHistory {
    private final Map<String, Ticket> open = new HashMap<>();
    private final Fingerprints over = new Fingerprints();
    private long tickets;
    private long votes;
    private long grants;

    /// A ticket that is pending or approved.
    private static final class Ticket {
        private final String call;
        private final String session;
        private String binding;
        private final Set<String> approvers = new HashSet<>();

        /// How far each of them wants it to reach; empty where not, or not always the same.
        private final Map<String, String> scopes = new HashMap<>();
        private long required;
        private boolean denied;
        private boolean granted;
        private OptionalLong usableUntil = OptionalLong.empty();

        private Ticket(String call, String session, String binding) {
            this.call = call;
            this.session = session;
            this.binding = binding;
        }

        boolean isOf(Members entry) {
            return call.equals(text(entry, "call")) && session.equals(text(entry, "session"));
        }

        boolean isApproved() {
            return usableUntil.isPresent();
        }
    }

    /// A hold opened it.
    Optional<Breach> opened(Members decided, String id) {
        if (open.containsKey(id) || over.contains(id))
            return Breach.of("ticket-twice", "opens a ticket that was there before");
        tickets++;
        open.put(id, new Ticket(text(decided, "call"), text(decided, "session"), text(decided, "binding")));
        return Optional.empty();
    }

    Optional<Breach> voted(Members entry) {
        votes++;
        Ticket ticket = open.get(text(entry, "ticket"));
        if (ticket == null || ticket.isApproved() || ticket.denied)
            return Breach.of("no-ticket", "is a vote on a ticket that is not pending");
        if (!ticket.isOf(entry)) return Breach.of("ticket-changed", "is a vote that names another call or session");
        if (!ticket.binding.equals(text(entry, "binding")))
            return Breach.of("other-binding", "is a vote on another call than the ticket holds");
        if (text(entry, "vote").equals("deny")) ticket.denied = true;
        else approves(ticket, text(entry, "voter"), entry.text("scope").orElse(""));
        return Optional.empty();
    }

    private static void approves(Ticket ticket, String voter, String scope) {
        boolean first = ticket.approvers.add(voter);
        String before = ticket.scopes.getOrDefault(voter, "");
        ticket.scopes.put(voter, first || before.equals(scope) ? scope : "");
    }

    /// An approval is said to reach further than its call.
    ///
    /// @return a breach where it was not approved, or not by enough people who wanted that
    Optional<Breach> granted(Members entry) {
        Ticket ticket = open.get(text(entry, "ticket"));
        if (ticket == null || !ticket.isApproved() || ticket.granted)
            return Breach.of("no-vote", "gives a grant for a ticket that is not approved, or gave one before");
        if (!ticket.isOf(entry)) return Breach.of("ticket-changed", "gives a grant for another call or session");
        ticket.granted = true;
        String scope = text(entry, "scope");
        long asked = ticket.scopes.values().stream().filter(scope::equals).count();
        return Breach.unless(
                asked >= ticket.required,
                "too-few-votes",
                "gives a grant that " + asked + " people asked for where " + ticket.required + " are needed");
    }

    /// Something else than a vote. Votes before an edit are on another call, and count no more.
    Optional<Breach> changed(Members entry) {
        Ticket ticket = open.get(text(entry, "ticket"));
        if (ticket == null || ticket.isApproved() || ticket.denied)
            return Breach.of("no-ticket", "changes a ticket that is not pending");
        if (!ticket.isOf(entry)) return Breach.of("ticket-changed", "is a change that names another call or session");
        boolean edited = text(entry, "change").equals("edited");
        Optional<String> binding = entry.text("binding");
        if (edited != binding.isPresent())
            return Breach.of("other-binding", "binds another call without an edit, or none with one");
        if (edited) {
            ticket.binding = binding.get();
            ticket.approvers.clear();
            ticket.scopes.clear();
        }
        return Optional.empty();
    }

    /// @return a breach where the ticket could not come to this
    Optional<Breach> closed(Members entry, long at) {
        String id = text(entry, "ticket");
        Ticket ticket = open.get(id);
        if (ticket == null) return Breach.of("no-ticket", "closes a ticket that is not open");
        if (!ticket.isOf(entry)) return Breach.of("ticket-changed", "closes a ticket of another call or session");
        String outcome = text(entry, "outcome");
        var until = EntryTime.millis(entry.text("usableUntil").orElse(""));
        if (outcome.equals("approved")) return approved(ticket, entry, until, at);
        if (outcome.equals("denied") != ticket.denied || ticket.denied && ticket.isApproved())
            return Breach.of("no-vote", "says `" + outcome + "` of a ticket whose votes say something else");
        end(id);
        return Optional.empty();
    }

    private static Optional<Breach> approved(Ticket ticket, Members entry, OptionalLong until, long at) {
        if (ticket.isApproved() || ticket.denied)
            return Breach.of("no-vote", "approves a ticket that was approved or denied before");
        long required = entry.integer("required").orElseThrow();
        if (required < 1 || ticket.approvers.size() < required)
            return Breach.of(
                    "too-few-votes",
                    "approves a ticket with the votes of " + ticket.approvers.size() + " people where " + required
                            + " are needed");
        if (until.isEmpty() || until.getAsLong() <= at)
            return Breach.of("no-use", "approves a ticket without a time to use it in");
        ticket.usableUntil = until;
        ticket.required = required;
        return Optional.empty();
    }

    /// An approval is used up by a permit.
    Optional<Breach> used(String id, String call, String binding, long at) {
        Ticket ticket = open.get(id);
        if (ticket == null)
            return over.contains(id)
                    ? Breach.of("second-use", "uses an approval that was used before, or was over")
                    : Breach.of("no-ticket", "uses an approval that was never asked for");
        if (!ticket.isApproved()) return Breach.of("not-approved", "uses an approval that was not given");
        if (!ticket.call.equals(call) || !ticket.binding.equals(binding))
            return Breach.of("other-binding", "uses an approval that was given to another call");
        if (at >= ticket.usableUntil.orElseThrow()) return Breach.of("late-use", "uses an approval after its end");
        grants++;
        end(id);
        return Optional.empty();
    }

    /// True where a hold opened a ticket of this id.
    boolean knows(String id) {
        return open.containsKey(id) || over.contains(id);
    }

    boolean isApproved(String id) {
        Ticket ticket = open.get(id);
        return ticket != null && ticket.isApproved();
    }

    private void end(String id) {
        open.remove(id);
        over.add(id);
    }

    long tickets() {
        return tickets;
    }

    long votes() {
        return votes;
    }

    long grants() {
        return grants;
    }

    private static String text(Members entry, String member) {
        return entry.text(member).orElseThrow();
    }
}
