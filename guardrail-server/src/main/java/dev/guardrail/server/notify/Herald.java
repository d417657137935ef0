package dev.guardrail.server.notify;

import dev.guardrail.approval.DeskEvent;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.Utterance;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.call.Risk;
import dev.guardrail.server.sheet.ApprovalJson;
import dev.guardrail.server.sheet.Sheet;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells people what happens at the desk, through the channels that a call's rules name, or through all where none of
/// them names one.
///
/// @param approvals how people are shown a held call
/// @param clock when it is told
/// @param console address under which people reach the console; empty where nobody knows it
public record Herald(ApprovalJson approvals, Channels channels, InstantSource clock, Optional<String> console)
        implements Consumer<DeskEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(Herald.class);

    /// Where nothing can be told, the approval stays as it is: it waits, expires, and is denied.
    @Override
    public void accept(DeskEvent event) {
        if (channels.names().isEmpty()) return;
        try {
            channels.send(to(event), notice(event));
        } catch (RuntimeException fault) {
            LOG.error("people could not be told of an approval: {}", Printable.trace(fault));
        }
    }

    private Collection<String> to(DeskEvent event) {
        Set<String> named = switch (event) {
            case DeskEvent.Flooded(String agent, int pending, Set<String> some) -> some;
            case DeskEvent.Opened(Ticket ticket) -> named(ticket);
            case DeskEvent.Reminded(Ticket ticket) -> named(ticket);
            case DeskEvent.CalledIn(Ticket ticket, var newcomers) -> named(ticket);
            case DeskEvent.Said(Ticket ticket, var words) -> named(ticket);
            case DeskEvent.Edited(Ticket ticket) -> named(ticket);
            case DeskEvent.Closed(Ticket ticket) -> named(ticket);
        };
        return named.isEmpty() ? channels.names() : named;
    }

    private static Set<String> named(Ticket ticket) {
        return ticket.holds().stream()
                .flatMap(hold -> hold.quorum().channels().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    private Notice notice(DeskEvent event) {
        return switch (event) {
            case DeskEvent.Opened(Ticket ticket) -> sheet(Notice.Type.REQUESTED, "", ticket, "Approval needed", "");
            case DeskEvent.Reminded(Ticket ticket) ->
                sheet(Notice.Type.REMINDER, "", ticket, "Still waiting for approval", "Nobody has decided yet.\n");
            case DeskEvent.CalledIn(Ticket ticket, var newcomers) ->
                sheet(
                        Notice.Type.ESCALATED,
                        "-" + circles(ticket) + "-" + ticket.delegations().size(),
                        ticket,
                        "Approval needs more people",
                        "Called in: "
                                + String.join(", ", newcomers.stream().sorted().toList()) + ".\n");
            case DeskEvent.Edited(Ticket ticket) ->
                sheet(
                        Notice.Type.EDITED,
                        "-" + clock.millis(),
                        ticket,
                        "Call changed, approval needed anew",
                        "The call was changed, and votes before that count no more.\n");
            case DeskEvent.Said(Ticket ticket, Utterance words) -> said(ticket, words);
            case DeskEvent.Closed(Ticket ticket) -> closed(ticket);
            case DeskEvent.Flooded(String agent, int pending, var some) -> flooded(agent, pending);
        };
    }

    /// People called in so far.
    private static int circles(Ticket ticket) {
        return ticket.holds().stream().mapToInt(hold -> hold.circles()).sum();
    }

    /// The call itself, with what to do about it.
    private Notice sheet(Notice.Type type, String suffix, Ticket ticket, String what, String first) {
        var shown = new Sheet(approvals.detail(ticket)).notice(command(ticket));
        return notice(type, suffix, ticket, what, first + shown.text());
    }

    private Notice said(Ticket ticket, Utterance words) {
        boolean question = words.part() == Utterance.Part.QUESTION;
        return sheet(
                question ? Notice.Type.ASKED : Notice.Type.ANSWERED,
                "-" + ticket.dialogue().size(),
                ticket,
                question ? "Question about an approval" : "Answer about an approval",
                (question ? words.by() + " has asked about it" : words.by() + " has answered")
                        + "; read it with the whole approval.\n");
    }

    private Notice closed(Ticket ticket) {
        String how = ticket.closing()
                .map(closing -> closing.why() + (closing.by().isEmpty() ? "" : " by " + closing.by()))
                .orElse(ticket.state().text());
        return notice(
                Notice.Type.CLOSED,
                "",
                ticket,
                "Approval closed (" + how + ")",
                "There is nothing left to decide.\n  " + command(ticket) + "\n");
    }

    private Notice notice(Notice.Type type, String suffix, Ticket ticket, String what, String text) {
        return new Notice(
                ticket.id() + '-' + type.word().substring(type.word().indexOf('.') + 1) + suffix,
                type,
                clock.instant(),
                ticket.id(),
                ticket.risk(),
                what + " (" + ticket.risk().text() + " risk): " + ticket.agent() + " wants " + ticket.tool(),
                text,
                approvals.item(ticket),
                console.map(base -> base + "/console/approvals/" + ticket.id()));
    }

    private Notice flooded(String agent, int pending) {
        return new Notice(
                "flooded-" + clock.millis(),
                Notice.Type.FLOODED,
                clock.instant(),
                agent,
                Risk.HIGH,
                "Too many approvals: " + agent,
                agent + " has " + pending
                        + " calls waiting for approval, as many as it may. What it asks beyond them is"
                        + " denied.\n  guardrail approvals ls\n",
                JsonObject.with("agent", agent).with("pending", pending).build(),
                console.map(base -> base + "/console/approvals?tab=all"));
    }

    private static String command(Ticket ticket) {
        return "guardrail approvals show " + ticket.id();
    }
}
