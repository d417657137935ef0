package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Journal;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.sheet.Listing;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Several like calls, seen and decided together: each vote is one of its own, with the digest of what was shown.
/// Nothing of high risk, and nothing that takes a typed value, is approved so.
@Singleton
@Requires(beans = KeyRing.class)
final class Batches {
    /// Calls that are decided together at most: all of them are read.
    static final int MOST = 20;

    /// In place of one request's id, where a token is for a page of several.
    private static final String SEVERAL = "several";

    private final Desk desk;
    private final ApproversQueue queue;
    private final Journal journal;
    private final DecisionTokens tokens;

    Batches(Desk desk, ApproversQueue queue, Journal journal, DecisionTokens tokens) {
        this.desk = desk;
        this.queue = queue;
        this.journal = journal;
        this.tokens = tokens;
    }

    static String url(List<String> ids) {
        return "/console/approvals/batch?" + ids.stream().map(id -> "id=" + id).collect(Collectors.joining("&"));
    }

    /// What a form says that it showed.
    record Shown(String id, String digest) {
        /// @return empty where it is no such thing
        static Optional<Shown> parse(String text) {
            int blank = text.indexOf(' ');
            return blank < 0
                    ? Optional.empty()
                    : Optional.of(new Shown(text.substring(0, blank), text.substring(blank + 1)));
        }
    }

    private static String digest(List<Shown> all) {
        String lines =
                all.stream().map(one -> one.id() + " " + one.digest() + "\n").collect(Collectors.joining());
        return Sha256.of(lines.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /// The calls that the visitor may decide together with the first of them.
    BatchPage page(Visit visit, List<String> ids, Details.Fault fault) {
        return page(visit, ids, fault, List.of());
    }

    private BatchPage page(Visit visit, List<String> ids, Details.Fault fault, List<BatchPage.Told> told) {
        var chosen = new ArrayList<Ticket>();
        var left = new ArrayList<BatchPage.Told>();
        for (String id : ids.stream().distinct().limit(MOST).toList()) {
            Optional<Ticket> ticket = queue.find(id);
            Optional<String> why = ticket.map(found -> objection(visit, found, chosen))
                    .orElse(Optional.of("There is no such request any more."));
            if (why.isEmpty()) chosen.add(ticket.orElseThrow());
            else left.add(new BatchPage.Told(id, false, why.get()));
        }
        var items = chosen.stream().map(this::item).toList();
        String token = items.isEmpty() ? "" : tokens.make(visit, SEVERAL, digest(shown(items)), true);
        String objection = chosen.stream()
                .flatMap(ticket -> approvable(ticket).stream())
                .findFirst()
                .orElse("");
        return new BatchPage(token, items, objection, left, told, fault.error(), fault.typed());
    }

    private static List<Shown> shown(List<BatchPage.Item> items) {
        return items.stream().map(item -> new Shown(item.id(), item.digest())).toList();
    }

    /// Why a call is not decided with the others; a sentence.
    private Optional<String> objection(Visit visit, Ticket ticket, List<Ticket> others) {
        if (!ticket.pending()) return Optional.of("It is " + ticket.state().text() + " already.");
        if (!desk.isYours(visit, ticket)) return Optional.of("You have no vote on it, or have voted.");
        if (others.isEmpty() || Likeness.of(others.getFirst()).equals(Likeness.of(ticket))) return Optional.empty();
        return Optional.of("It is not like the others: another agent, tool, risk or rule.");
    }

    /// Why a call is not approved with others; a sentence. It can be denied with them all the same.
    private static Optional<String> approvable(Ticket ticket) {
        if (ticket.risk().compareTo(Risk.HIGH) >= 0)
            return Optional.of("What is of " + ticket.risk().text() + " risk is approved one by one.");
        if (ticket.holds().stream().anyMatch(hold -> hold.confirm().isPresent()))
            return Optional.of("A rule asks for a value to be typed, so they are approved one by one.");
        if (ticket.tool().equals(ToolName.PLAN)) return Optional.of("A plan is approved by itself.");
        return Optional.empty();
    }

    private BatchPage.Item item(Ticket ticket) {
        JsonObject shown = desk.shown().detail(ticket);
        Optional<Json> arguments = shown.get("arguments");
        return new BatchPage.Item(
                ticket.id(),
                Badge.of(ticket.risk()),
                Bit.sentence(desk.shown().sentence(ticket)),
                shown.array("warnings").orElse(JsonArray.EMPTY).texts().stream()
                        .map(Bit::of)
                        .toList(),
                arguments
                        .map(value -> Listing.of(
                                Listing.ARGUMENTS, value, new HashSet<>(Listing.mustOpen(Listing.ARGUMENTS, value))))
                        .orElse(List.of()),
                shown.text("argumentsDigest").orElse(""),
                String.join(", ", ticket.rules()),
                arguments.isEmpty()
                        ? "They are not kept any more."
                        : shown.text("argumentsNote").orElse(""),
                Details.says(shown),
                ticket.expiresAt().toString(),
                Spans.words(Duration.between(journal.now(), ticket.expiresAt())));
    }

    /// One try to decide several.
    ///
    /// @param shown what the form says that its page showed
    /// @param picked ids of those that are meant
    record Try(String token, List<Shown> shown, Set<String> picked, boolean approve, String reason) {
        Try {
            shown = List.copyOf(shown);
            picked = Set.copyOf(picked);
        }

        List<String> ids() {
            return shown.stream().map(Shown::id).toList();
        }
    }

    /// Votes on each that is picked: one that is refused is named, and takes nothing from the others.
    BatchPage vote(Visit visit, Try one) {
        var bound = tokens.use(visit, SEVERAL, one.token());
        if (bound.isEmpty())
            return again(visit, one, "This form was sent already, or is too old, and did nothing. Look again.");
        if (!bound.get().digest().equals(digest(one.shown())))
            return again(visit, one, "The form was changed on its way, and did nothing.");
        if (one.picked().isEmpty()) return again(visit, one, "Choose at least one call.");
        if (!one.approve() && one.reason().isBlank())
            return again(visit, one, "Say why you deny them: the agent is told, and the log keeps it.");
        var told = new ArrayList<BatchPage.Told>();
        for (Shown shown : one.shown()) {
            if (!one.picked().contains(shown.id())) continue;
            Verdict verdict = one.approve() ? approve(visit, shown, one.reason()) : deny(visit, shown, one.reason());
            told.add(new BatchPage.Told(shown.id(), verdict.counts(), verdict.words()));
        }
        var rest = one.ids().stream().filter(id -> !one.picked().contains(id)).toList();
        return page(visit, rest, Details.Fault.NONE, told);
    }

    private BatchPage again(Visit visit, Try one, String error) {
        return page(visit, one.ids(), new Details.Fault(error, one.reason()));
    }

    private Verdict approve(Visit visit, Shown shown, String reason) {
        Optional<String> objection = queue.find(shown.id()).flatMap(Batches::approvable);
        if (objection.isPresent()) return new Verdict(422, objection.get());
        VoteResult result =
                queue.approve(visit.caller(), shown.id(), Sha256.parse(shown.digest()), reason, Optional.empty());
        return Verdict.of(result, "");
    }

    /// A denial of what changed in the last moment denies what it is by then: nothing runs.
    private Verdict deny(Visit visit, Shown shown, String reason) {
        boolean same = queue.find(shown.id())
                .map(ticket -> desk.shown().item(ticket).text("argumentsDigest").equals(Optional.of(shown.digest())))
                .orElse(true);
        return same ? Verdict.of(queue.deny(visit.caller(), shown.id(), reason), "") : Verdict.CHANGED;
    }
}
