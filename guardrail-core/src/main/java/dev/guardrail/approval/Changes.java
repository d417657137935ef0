package dev.guardrail.approval;

import dev.guardrail.base.JsonText;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.StoreConflict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What happens to a pending ticket beside votes: more people are called in, a vote is handed on, questions are asked
/// and answered. Each is durable, with its entry, before it is answered; a crash before leaves the ticket as it was.
final class Changes {
    /// Questions and answers that one ticket holds.
    static final int MOST_SAID = 40;

    private final Journal journal;
    private final TicketBook book;
    private final Voting voting;

    Changes(Journal journal, TicketBook book, Voting voting) {
        this.journal = journal;
        this.book = book;
        this.voting = voting;
    }

    /// One step, by somebody with a vote on a ticket that is pending.
    @FunctionalInterface
    private interface Step {
        VoteResult take(TicketBook.Page page, List<Caller> operators) throws StoreConflict;
    }

    private VoteResult byVoter(Caller caller, String id, Step step) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty()) return new VoteResult.Unknown(id);
            var operators = voting.operators();
            var refusal = voting.refusal(page.get(), Standing.of(page.get().ticket(), caller, operators));
            return refusal.isPresent() ? refusal.get() : step.take(page.get(), operators);
        });
    }

    /// Calls in the next circle of every hold on which the caller has a vote.
    VoteResult escalate(Caller caller, String id, String reason) {
        return byVoter(caller, id, (page, operators) -> {
            var mine = Standing.of(page.ticket(), caller, operators).holds();
            var wider = page.ticket().holds().stream()
                    .map(hold -> mine.contains(hold) && hold.nextCircle().isPresent() ? hold.wider() : hold)
                    .toList();
            return wider.equals(page.ticket().holds())
                    ? new VoteResult.NotPossible(
                            page.ticket(),
                            "the rules that hold the call name nobody else to ask, or all of them are asked already")
                    : new VoteResult.Changed(widened(page, wider, caller.name(), reason));
        });
    }

    /// Calls in every circle whose time has come.
    ///
    /// @param elapsed since the call was held, on monotonic time
    /// @return the ticket with them; empty where nobody is to be called in
    Optional<Ticket> escalate(String id, Duration elapsed) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty()
                    || !page.get().ticket().pending()
                    || book.over(page.get().ticket())) return Optional.<Ticket>empty();
            var wider = page.get().ticket().holds().stream()
                    .map(hold -> widened(hold, elapsed))
                    .toList();
            return wider.equals(page.get().ticket().holds())
                    ? Optional.<Ticket>empty()
                    : Optional.of(widened(page.get(), wider, "guard", ""));
        });
    }

    private static Hold widened(Hold hold, Duration elapsed) {
        Hold wider = hold;
        for (var next = hold.nextCircle();
                next.isPresent() && next.get().after().compareTo(elapsed) <= 0;
                next = wider.nextCircle()) wider = wider.wider();
        return wider;
    }

    private Ticket widened(TicketBook.Page page, List<Hold> wider, String by, String reason) throws StoreConflict {
        var draft = new Draft();
        note(draft, page.ticket(), "escalated", by, newcomers(page.ticket().holds(), wider), reason);
        return book.keep(page, page.ticket().holding(wider), draft);
    }

    /// Who has a vote on some hold that had none on that hold before.
    static Set<String> newcomers(List<Hold> before, List<Hold> after) {
        var to = new LinkedHashSet<String>();
        for (int i = 0; i < after.size(); i++) {
            var known = before.get(i).approvers();
            after.get(i).approvers().stream()
                    .filter(form -> !known.contains(form))
                    .forEach(to::add);
        }
        return to;
    }

    /// Hands the caller's own vote to another operator, who votes in the caller's stead.
    VoteResult delegate(Caller caller, String id, String to, String reason) {
        return byVoter(caller, id, (page, operators) -> {
            Ticket ticket = page.ticket();
            var heir = Standing.named(to, operators);
            var objection = objection(ticket, caller, to, heir, operators);
            if (objection.isPresent()) return new VoteResult.NotPossible(ticket, objection.get());
            var all = new ArrayList<>(ticket.delegations());
            all.add(new Delegation(caller.name(), to, journal.now()));
            var draft = new Draft();
            note(draft, ticket, "delegated", caller.name(), List.of(to), reason);
            return new VoteResult.Changed(book.keep(page, ticket.delegated(all), draft));
        });
    }

    private static Optional<String> objection(
            Ticket ticket, Caller caller, String to, Optional<Caller> heir, List<Caller> operators) {
        if (heir.isEmpty() || !heir.get().roles().contains("approver"))
            return Optional.of("`" + to + "` is no operator with the role `approver`");
        if (to.equals(caller.name())) return Optional.of("your vote is yours already");
        var known = Standing.named(caller.name(), operators).orElseThrow();
        var own = ticket.holds().stream()
                .filter(hold -> Standing.ownObjection(ticket, hold, known).isEmpty())
                .toList();
        if (own.isEmpty()) return Optional.of("a vote that was handed to you cannot be handed on");
        if (own.stream().anyMatch(hold -> hold.hasVoteOf(caller.name()))) return Optional.of("you have voted already");
        if (own.stream().anyMatch(hold -> Standing.isExcluded(ticket, hold, heir.get())))
            return Optional.of("the call was made for `" + to + "` or by them");
        boolean back = ticket.delegations().stream()
                .anyMatch(handed -> handed.from().equals(to) && handed.to().equals(caller.name()));
        return back ? Optional.of("`" + to + "` handed their vote to you") : Optional.empty();
    }

    /// Asks whoever made the call, or the one it is made for.
    VoteResult ask(Caller caller, String id, String question) {
        return byVoter(
                caller,
                id,
                (page, operators) -> said(page, new Saying(Utterance.Part.QUESTION, "asked", caller.name(), question)));
    }

    /// What the agent's side answers. Whether the call is the caller's is the door's to know.
    ///
    /// @param by kind and name of whoever answers
    VoteResult answer(String by, String id, String answer) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty()) return new VoteResult.Unknown(id);
            Ticket ticket = page.get().ticket();
            if (!ticket.pending()) return new VoteResult.AlreadyClosed(ticket);
            if (ticket.dialogue().stream().noneMatch(said -> said.part() == Utterance.Part.QUESTION))
                return new VoteResult.NotPossible(ticket, "nobody asked anything");
            return said(page.get(), new Saying(Utterance.Part.ANSWER, "answered", by, answer));
        });
    }

    private record Saying(Utterance.Part part, String word, String by, String words) {}

    private VoteResult said(TicketBook.Page page, Saying saying) throws StoreConflict {
        Ticket ticket = page.ticket();
        if (ticket.dialogue().size() >= MOST_SAID)
            return new VoteResult.NotPossible(ticket, "too much was said of this call; decide it, or let it expire");
        var draft = new Draft();
        String body = ticket.id() + "/said/" + (ticket.dialogue().size() + 1);
        var commitment = seal(draft, body, saying.words());
        draft.entry(entry(ticket, saying.word(), saying.by(), List.of(), List.of(commitment)));
        var all = new ArrayList<>(ticket.dialogue());
        all.add(new Utterance(saying.part(), saying.by(), journal.now(), body));
        return new VoteResult.Changed(book.keep(page, ticket.saying(all), draft));
    }

    private void note(Draft draft, Ticket ticket, String change, String by, Collection<String> to, String reason) {
        int steps = ticket.delegations().size()
                + ticket.holds().stream().mapToInt(Hold::circles).sum();
        List<Commitment> why = reason.isEmpty()
                ? List.of()
                : List.of(seal(draft, ticket.id() + "/" + change + "/" + (steps + 1), reason));
        draft.entry(entry(ticket, change, by, to, why));
    }

    private Entry entry(Ticket ticket, String change, String by, Collection<String> to, List<Commitment> bodies) {
        return new Entry.TicketChanged(
                journal.now(), ticket.id(), ticket.call(), ticket.session(), change, by, to, Optional.empty(), bodies);
    }

    private Commitment seal(Draft draft, String body, String words) {
        var sealed = journal.seal(body, new JsonText(words));
        draft.body(sealed.body());
        return sealed.commitment();
    }
}
