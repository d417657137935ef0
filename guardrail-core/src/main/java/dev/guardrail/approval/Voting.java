package dev.guardrail.approval;

import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How votes are judged and counted. Each vote is durable, with what it led to, before it is answered.
final class Voting {
    private final Journal journal;
    private final TicketBook book;
    private final GrantBook grants;
    private final Electorate electorate;

    Voting(Journal journal, TicketBook book, GrantBook grants, Electorate electorate) {
        this.journal = journal;
        this.book = book;
        this.grants = grants;
        this.electorate = electorate;
    }

    /// What a person says with an approval.
    ///
    /// @param arguments digest of what the person saw
    /// @param confirm what the person typed, where asked to
    /// @param scope how far the approval is meant to reach; empty for the one call
    record Ballot(Sha256 arguments, String reason, Optional<String> confirm, Optional<ScopedCall> scope) {}

    VoteResult approve(Caller caller, String id, Ballot ballot) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            return page.isEmpty() ? new VoteResult.Unknown(id) : approve(page.get(), caller, ballot);
        });
    }

    private VoteResult approve(TicketBook.Page page, Caller caller, Ballot ballot) throws StoreConflict {
        Ticket ticket = page.ticket();
        var operators = operators();
        var standing = Standing.of(ticket, caller, operators);
        var refusal = refusal(page, standing);
        if (refusal.isPresent()) return refusal.get();
        if (!journal.blind(ballot.arguments()).equals(ticket.argumentsDigest()))
            return new VoteResult.ArgumentsChanged(ticket);
        var open = standing.holds().stream()
                .filter(hold -> !hold.hasVoteOf(caller.name()))
                .toList();
        if (open.isEmpty()) return new VoteResult.Counted(ticket);
        var confirmed = confirmed(ticket, open, ballot.confirm());
        if (confirmed.isEmpty()) return new VoteResult.ConfirmMismatch(ticket);
        var tooWide = ballot.scope().flatMap(wanted -> Remembrance.objection(journal, ticket, wanted));
        if (tooWide.isPresent()) return new VoteResult.ScopeRefused(ticket, tooWide.get());
        return count(page, caller, operators, confirmed, ballot);
    }

    private VoteResult count(
            TicketBook.Page page, Caller caller, List<Caller> operators, Set<RuleId> confirmed, Ballot ballot)
            throws StoreConflict {
        Ticket before = page.ticket();
        var draft = new Draft();
        Optional<Scope> scope = ballot.scope().map(ScopedCall::scope);
        var reason = seal(before.id() + "/reason/" + (before.ballots() + 1), ballot.reason(), draft);
        draft.entry(voted(before, caller, true, scope, reason));
        var holds = new ArrayList<Hold>();
        boolean met = true;
        for (Hold hold : before.holds()) {
            var votes = new ArrayList<>(standing(before, hold, operators));
            if (confirmed.contains(hold.rule())) votes.add(new Vote(caller.name(), journal.now(), scope));
            var voters = operators.stream()
                    .filter(operator ->
                            votes.stream().anyMatch(vote -> vote.voter().equals(operator.name())))
                    .map(operator -> Standing.counted(before, hold, operator, operators))
                    .toList();
            met &= Quorums.met(hold.quorum(), voters);
            holds.add(hold.with(votes));
        }
        Ticket next = before.voted(holds);
        if (!met) return new VoteResult.Counted(book.keep(page, next, draft));
        // Where all agree, this vote is one of them.
        boolean reaches = Remembrance.agreed(holds).isPresent();
        return new VoteResult.Closed(book.approve(page, next, validFor(next), draft, approved -> {
            if (reaches) grants.give(draft, approved, ballot.scope().orElseThrow());
        }));
    }

    /// Votes that still count: of people who have a vote on this hold now.
    private static List<Vote> standing(Ticket ticket, Hold hold, List<Caller> operators) {
        return hold.votes().stream()
                .filter(vote -> operators.stream()
                        .anyMatch(operator -> operator.name().equals(vote.voter())
                                && Standing.objection(ticket, hold, operator, operators)
                                        .isEmpty()))
                .toList();
    }

    private static Duration validFor(Ticket ticket) {
        return ticket.holds().stream()
                .map(hold -> hold.quorum().validFor())
                .min(Duration::compareTo)
                .orElseThrow();
    }

    VoteResult deny(Caller caller, String id, String reason) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            return page.isEmpty() ? new VoteResult.Unknown(id) : deny(page.get(), caller, reason);
        });
    }

    private VoteResult deny(TicketBook.Page page, Caller caller, String reason) throws StoreConflict {
        Ticket ticket = page.ticket();
        var refusal = refusal(page, Standing.of(ticket, caller, operators()));
        if (refusal.isPresent()) return refusal.get();
        var draft = new Draft();
        var commitment = seal(ticket.id() + "/reason", reason, draft);
        draft.entry(voted(ticket, caller, false, Optional.empty(), commitment));
        var how = new Ticket.Closing(journal.now(), caller.name(), "denied", commitment.map(Commitment::body));
        return new VoteResult.Closed(book.close(page, TicketState.Event.DENY, how, draft));
    }

    /// Why somebody may do nothing with a ticket now; one whose time has come is ended by the way.
    ///
    /// @return empty where there is a vote, and the ticket is pending
    Optional<VoteResult> refusal(TicketBook.Page page, Standing standing) throws StoreConflict {
        Ticket ticket = page.ticket();
        if (standing.refusal().isPresent()) return standing.refusal();
        if (!ticket.pending()) return Optional.of(new VoteResult.AlreadyClosed(ticket));
        return book.over(ticket) ? Optional.of(new VoteResult.AlreadyClosed(expire(page))) : Optional.empty();
    }

    /// Ends a ticket whose time has come.
    Ticket expire(TicketBook.Page page) throws StoreConflict {
        String why = page.ticket().pending() ? "expired" : "unused";
        var how = new Ticket.Closing(journal.now(), "", why, Optional.empty());
        return book.close(page, TicketState.Event.EXPIRE, how, new Draft());
    }

    private Entry voted(
            Ticket ticket, Caller caller, boolean approve, Optional<Scope> scope, Optional<Commitment> reason) {
        return new Entry.Voted(
                journal.now(),
                ticket.id(),
                ticket.call(),
                ticket.session(),
                caller.name(),
                approve,
                ticket.binding(),
                scope.map(Scope::digest),
                reason);
    }

    private Optional<Commitment> seal(String body, String reason, Draft draft) {
        if (reason.isEmpty()) return Optional.empty();
        var sealed = journal.seal(body, new JsonText(reason));
        draft.body(sealed.body());
        return Optional.of(sealed.commitment());
    }

    /// Of these holds, those that the typed text answers: none, where some ask for a text and it is none of theirs.
    private Set<RuleId> confirmed(Ticket ticket, List<Hold> holds, Optional<String> typed) {
        Set<RuleId> confirmed = new HashSet<>();
        boolean asked = false;
        boolean typedOne = false;
        for (Hold hold : holds) {
            boolean asks = hold.confirm().isPresent();
            boolean right = !asks
                    || typed.isPresent()
                            && hold.confirm()
                                    .equals(Optional.of(blind(journal, ticket.id(), hold.rule(), typed.get())));
            if (right) confirmed.add(hold.rule());
            asked |= asks;
            typedOne |= asks && right;
        }
        return asked && !typedOne ? Set.of() : confirmed;
    }

    /// A rule that has no vote yet, with the text that it asks for.
    ///
    /// @throws IllegalArgumentException where such a text is missing
    static Hold hold(Journal journal, String ticket, Rule rule, Map<RuleId, String> confirm) {
        if (rule.quorum().flatMap(Quorum::confirm).isEmpty()) return Hold.of(rule, Optional.empty());
        String text = confirm.get(rule.id());
        if (text == null)
            throw new IllegalArgumentException("the hold `" + rule.id() + "` asks for a text to confirm, and has none");
        return Hold.of(rule, Optional.of(blind(journal, ticket, rule.id(), text)));
    }

    /// The text to type, as a ticket holds it: equal texts of other tickets or rules look different.
    static Sha256 blind(Journal journal, String ticket, RuleId rule, String text) {
        return journal.blind(Sha256.of(
                ("confirm:" + ticket + ":" + rule + ":").getBytes(StandardCharsets.UTF_8),
                text.getBytes(StandardCharsets.UTF_8)));
    }

    List<String> eligible(Ticket ticket) {
        return Standing.eligible(ticket, operators());
    }

    /// Each operator once, however many credentials there are.
    List<Caller> operators() {
        var byName = new LinkedHashMap<String, Caller>();
        for (Caller operator : electorate.operators())
            if (operator.kind() == Caller.Kind.OPERATOR) byName.putIfAbsent(operator.name(), operator);
        return List.copyOf(byName.values());
    }
}
