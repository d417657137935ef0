package dev.guardrail.approval;

import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Risk;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/// Changes of the call that a ticket holds. A changed call keeps its ticket, its end and every hold it had; it loses
/// every vote, since nobody has seen it yet.
public final class Edits {
    private final Journal journal;
    private final TicketBook book;
    private final Voting voting;

    Edits(Journal journal, TicketBook book, Voting voting) {
        this.journal = journal;
        this.book = book;
        this.voting = voting;
    }

    /// Who changed a call, and why.
    ///
    /// @param arguments commitments to the arguments as changed
    public record By(String editor, String reason, List<Commitment> arguments) {
        public By {
            arguments = List.copyOf(arguments);
        }
    }

    Editable editable(Caller caller, String id, Sha256 arguments) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty()) return new Editable.Refused(new VoteResult.Unknown(id));
            Ticket ticket = page.get().ticket();
            var refusal = voting.refusal(page.get(), Standing.of(ticket, caller, voting.operators()));
            if (refusal.isPresent()) return new Editable.Refused(refusal.get());
            if (!journal.blind(arguments).equals(ticket.argumentsDigest()))
                return new Editable.Refused(new VoteResult.ArgumentsChanged(ticket));
            return new Editable.Open(ticket, page.get().version());
        });
    }

    /// A crash before the draft is committed leaves the call as it was, with its votes.
    Ticket edit(
            Draft draft,
            Editable.Open open,
            DecisionRequest request,
            SequencedSet<Rule> rules,
            Map<RuleId, String> confirm,
            By by) {
        Ticket before = open.ticket();
        var holds = new ArrayList<Hold>();
        for (Rule rule : rules) holds.add(Voting.hold(journal, before.id(), rule, confirm));
        before.holds().stream()
                .filter(hold -> rules.stream().noneMatch(rule -> rule.id().equals(hold.rule())))
                .forEach(hold -> holds.add(hold.with(List.of())));
        holds.sort(Comparator.comparing(Hold::rule));
        Sha256 binding = journal.blind(request.fingerprint());
        Risk now = ApprovalDesk.highest(request, rules);
        Risk highest = now.compareTo(before.risk()) > 0 ? now : before.risk();
        var after = before.edited(by.editor(), binding, journal.blind(request.argumentsDigest()), holds, highest);
        var bodies = new ArrayList<>(by.arguments());
        if (!by.reason().isEmpty()) {
            var sealed = journal.seal(before.id() + "/edited/" + open.version(), new JsonText(by.reason()));
            draft.body(sealed.body());
            bodies.add(sealed.commitment());
        }
        draft.entry(new Entry.TicketChanged(
                journal.now(),
                before.id(),
                before.call(),
                before.session(),
                "edited",
                by.editor(),
                List.of(),
                Optional.of(binding),
                bodies));
        draft.change(TicketBook.put(after, open.version()));
        return after;
    }
}
