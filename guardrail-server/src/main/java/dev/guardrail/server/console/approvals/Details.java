package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.GrantState;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Journal;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.sheet.Comparison;
import dev.guardrail.server.sheet.Legible;
import dev.guardrail.server.sheet.Listing;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Puts together what the page of one request shows to one visitor.
@Singleton
@Requires(beans = KeyRing.class)
final class Details {
    private static final String ANYBODY = "nobody now";

    private final Desk desk;
    private final ApproversQueue queue;
    private final Journal journal;
    private final Reasons reasons;
    private final Reaches reaches;
    private final Past past;
    private final DecisionTokens tokens;

    Details(
            Desk desk,
            ApproversQueue queue,
            Journal journal,
            Reasons reasons,
            Reaches reaches,
            Past past,
            DecisionTokens tokens) {
        this.desk = desk;
        this.queue = queue;
        this.journal = journal;
        this.reasons = reasons;
        this.reaches = reaches;
        this.past = past;
        this.tokens = tokens;
    }

    /// What was wrong with the last try to decide, and the reason that was typed then.
    record Fault(String error, String typed) {
        static final Fault NONE = new Fault("", "");
    }

    Detail of(Visit visit, View view, Ticket ticket, Asked asked, Fault fault) {
        JsonObject shown = desk.shown().detail(ticket);
        Optional<Json> arguments = shown.get("arguments");
        var must = arguments
                .map(value -> Listing.mustOpen(Listing.ARGUMENTS, value))
                .orElse(List.of());
        Set<String> opened = asked.all() ? new HashSet<>(must) : asked.opened();
        var closed = must.stream().filter(place -> !opened.contains(place)).toList();
        Optional<VoteResult> objection = queue.desk().objection(visit.caller(), ticket);
        boolean decides = ticket.pending() && objection.isEmpty() && visit.is("approver");
        var earlier = past.of(ticket, arguments);
        return new Detail(
                desk.queue(visit, view, ticket.id()),
                facts(ticket, shown),
                Bit.sentence(desk.shown().sentence(ticket)),
                texts(shown, "planned").stream().map(Bit::of).toList(),
                texts(shown, "warnings").stream().map(Bit::of).toList(),
                arguments(ticket, shown, arguments, opened, closed, earlier),
                reasons.of(visit, ticket, arguments),
                people(ticket),
                dialogue(shown),
                earlier.steps(),
                says(shown),
                decides ? decide(visit, ticket, shown, asked, fault, closed.isEmpty()) : null,
                ticket.pending() ? refusal(visit, objection) : "",
                shown.isTrue("canary"));
    }

    private Detail.Facts facts(Ticket ticket, JsonObject shown) {
        Instant now = journal.now();
        Duration whole = Duration.between(ticket.openedAt(), ticket.expiresAt());
        Duration gone = Duration.between(ticket.openedAt(), now);
        long elapsed = whole.toMillis() <= 0 ? 100 : 100 * gone.toMillis() / whole.toMillis();
        return new Detail.Facts(
                ticket.id(),
                ticket.call().value(),
                ticket.session().value(),
                Bit.of(Legible.line(ticket.tool().toString())),
                Legible.line(ticket.agent()),
                ticket.user().map(Legible::line).orElse(""),
                Badge.of(ticket.risk()),
                desk.outcome(ticket),
                ticket.pending(),
                ticket.openedAt().toString(),
                ticket.expiresAt().toString(),
                Spans.words(Duration.between(now, ticket.expiresAt())),
                (int) Math.max(0, Math.min(100, elapsed)),
                closing(ticket),
                queue.desk()
                        .reason(ticket)
                        .map(words -> Bit.of(Legible.of(words).segments()))
                        .orElse(List.of()),
                given(ticket),
                Desk.signature(ticket));
    }

    /// What the agent says, whole.
    static List<Listing.Row> says(JsonObject shown) {
        return shown.object("agentSays")
                .flatMap(said -> said.get("reason"))
                .map(said -> Listing.of("agentSays.reason", said, Set.of("agentSays.reason")))
                .orElse(List.of());
    }

    private List<Detail.Given> given(Ticket ticket) {
        var grants = queue.desk().grants();
        return grants.of(ticket.session(), ticket.id()).stream()
                .map(grant -> new Detail.Given(
                        grant.id(), Badge.of(grants.state(grant)), grants.state(grant) == GrantState.ACTIVE))
                .toList();
    }

    private static String closing(Ticket ticket) {
        String used = ticket.usableUntil()
                .map(until -> " It could be used until " + until + ".")
                .orElse("");
        return ticket.closing()
                        .map(how -> Outcome.because(how.why()) + "Ended " + how.at()
                                + (how.by().isEmpty() ? "." : " by " + how.by() + "."))
                        .orElse("")
                + used;
    }

    private Detail.Arguments arguments(
            Ticket ticket,
            JsonObject shown,
            Optional<Json> arguments,
            Set<String> opened,
            List<String> closed,
            Past.Earlier earlier) {
        String address = "/console/approvals/" + ticket.id() + "?";
        return new Detail.Arguments(
                arguments.isPresent(),
                shown.text("argumentsDigest").orElse(""),
                shown.text("argumentsNote").orElse(""),
                arguments
                        .map(value -> Listing.of(Listing.ARGUMENTS, value, opened))
                        .orElse(List.of()),
                arguments
                        .flatMap(after -> shown.get("proposed")
                                .map(before -> Comparison.between(Listing.ARGUMENTS, before, after)))
                        .orElse(List.of()),
                ticket.editor().map(Legible::line).orElse(""),
                earlier.changes(),
                earlier.badge(),
                closed.stream()
                        .map(place -> new Detail.Closed(place, address + opening(opened, place)))
                        .toList(),
                address + "open=all#arguments");
    }

    private static String opening(Set<String> opened, String place) {
        var all = new ArrayList<>(opened);
        all.add(place);
        return all.stream()
                        .map(each -> "open=" + URLEncoder.encode(each, StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"))
                + "#arguments";
    }

    private Detail.People people(Ticket ticket) {
        var able = queue.desk().eligible(ticket);
        return new Detail.People(
                able.isEmpty() ? List.of(ANYBODY) : able,
                queue.desk().bystanders(ticket).entrySet().stream()
                        .map(each -> new Detail.Unable(each.getKey(), each.getValue()))
                        .toList(),
                ticket.delegations().stream()
                        .map(handed -> handed.from() + " handed it to " + handed.to())
                        .toList());
    }

    private static List<Detail.Said> dialogue(JsonObject shown) {
        return shown.array("dialogue").orElse(JsonArray.EMPTY).objects().stream()
                .map(said -> new Detail.Said(
                        said.text("by").map(Legible::line).orElse(""),
                        said.text("at").orElse(""),
                        said.isTrue("trusted"),
                        Bit.of(Legible.of(said.text("text").orElse("")).segments())))
                .toList();
    }

    private static String refusal(Visit visit, Optional<VoteResult> objection) {
        if (!visit.is("approver")) return "Your roles (" + visit.roles() + ") let you look; an approver decides.";
        return objection
                .map(result -> switch (result) {
                    case VoteResult.NotEligible(String why, List<String> who) ->
                        "You cannot decide this: " + why + ". "
                                + (who.isEmpty() ? "" : "These can: " + String.join(", ", who) + ".");
                    case VoteResult.Counted other -> "";
                    case VoteResult.Changed other -> "";
                    case VoteResult.Closed other -> "";
                    case VoteResult.ArgumentsChanged other -> "";
                    case VoteResult.ConfirmMismatch other -> "";
                    case VoteResult.ScopeRefused other -> "";
                    case VoteResult.NotPossible other -> "";
                    case VoteResult.AlreadyClosed other -> "";
                    case VoteResult.Unknown other -> "";
                })
                .orElse("");
    }

    private Detail.Decide decide(Visit visit, Ticket ticket, JsonObject shown, Asked asked, Fault fault, boolean read) {
        String digest = shown.text("argumentsDigest").orElse("");
        return new Detail.Decide(
                tokens.make(visit, ticket.id(), digest, read),
                fault.error(),
                fault.typed(),
                !read,
                ticket.holds().stream()
                        .filter(hold -> hold.confirm().isPresent())
                        .flatMap(hold -> hold.quorum().confirm().stream())
                        .distinct()
                        .toList(),
                editable(shown),
                reaches.of(ticket, shown.get("arguments"), asked.reach()));
    }

    /// What is not kept whole cannot be sent back whole.
    private static String editable(JsonObject shown) {
        if (shown.has("argumentsNote")) return "";
        return shown.get("arguments").map(Layout::of).orElse("");
    }

    private static List<String> texts(JsonObject object, String name) {
        return object.array(name).map(JsonArray::texts).orElse(List.of());
    }
}
