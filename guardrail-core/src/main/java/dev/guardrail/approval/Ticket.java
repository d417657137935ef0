package dev.guardrail.approval;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Risk;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Document;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// A request to people to agree to one exact call, as its document holds it.
///
/// @param definition digest of the pinned tool
/// @param binding blinded fingerprint of the exact call ([dev.guardrail.call.DecisionRequest#fingerprint])
/// @param argumentsDigest blinded digest of the arguments; approvers repeat the plain one, which is worked out
///     from the call's arguments
/// @param holds every rule that held the call; each must have its own quorum
/// @param risk the highest of the holds and of the call itself
/// @param expiresAt end of voting by the wall clock, for display; the shortest of the holds. What counts is monotonic
/// @param usableUntil end of the approval's use, once there is one; the shortest of the holds
/// @param ballots approving votes that were counted
/// @param closing how it ended, once it is neither pending nor approved
/// @param delegations votes that were handed to others, oldest first
/// @param dialogue what people asked about the call and were answered, oldest first
/// @param editor who changed the call's arguments last; empty where they are the agent's own
public record Ticket(
        String id,
        CallId call,
        SessionId session,
        String agent,
        Optional<String> user,
        ToolName tool,
        Sha256 definition,
        Sha256 binding,
        Sha256 argumentsDigest,
        List<Hold> holds,
        Risk risk,
        TicketState state,
        Instant openedAt,
        Instant expiresAt,
        Optional<Instant> usableUntil,
        int ballots,
        Optional<Closing> closing,
        List<Delegation> delegations,
        List<Utterance> dialogue,
        Optional<String> editor) {

    public Ticket {
        holds = List.copyOf(holds);
        delegations = List.copyOf(delegations);
        dialogue = List.copyOf(dialogue);
        if (holds.isEmpty()) throw new IllegalArgumentException("a ticket needs a hold");
    }

    /// How a ticket ended.
    ///
    /// @param by name of the person, empty where nobody in particular
    /// @param why word of the cause: `denied`, `expired`, `unused`, `consumed`, or what a cancellation gave
    /// @param reason id of the body with the person's reason ([ApprovalDesk#reason])
    public record Closing(Instant at, String by, String why, Optional<String> reason) {}

    /// True while people may vote.
    public boolean pending() {
        return state == TicketState.PENDING;
    }

    /// People needed by the hold that is furthest from its quorum, by count.
    public int required() {
        return Quorums.people(furthest().quorum());
    }

    /// People who approved that hold so far.
    public int given() {
        return furthest().votes().size();
    }

    /// Fewest people who can meet every quorum, should they vote on each.
    int people() {
        return holds.stream()
                .mapToInt(hold -> Quorums.people(hold.quorum()))
                .max()
                .orElseThrow();
    }

    private Hold furthest() {
        return holds.stream()
                .max(Comparator.comparingInt(
                        hold -> Quorums.people(hold.quorum()) - hold.votes().size()))
                .orElseThrow();
    }

    /// Everybody who approved, in order of their votes.
    public Set<String> approvers() {
        var names = new LinkedHashSet<String>();
        holds.stream()
                .flatMap(hold -> hold.votes().stream())
                .sorted(Comparator.comparing(Vote::at))
                .forEach(vote -> names.add(vote.voter()));
        return java.util.Collections.unmodifiableSet(names);
    }

    /// Ids of the rules that held the call.
    public List<String> rules() {
        return holds.stream().map(hold -> hold.rule().value()).toList();
    }

    /// Channels that the holds name, each once.
    public Set<String> channels() {
        var names = new LinkedHashSet<String>();
        holds.forEach(hold -> names.addAll(hold.quorum().channels()));
        return java.util.Collections.unmodifiableSet(names);
    }

    Ticket voted(List<Hold> counted) {
        return with(counted, state, usableUntil, ballots + 1, closing, delegations, dialogue);
    }

    Ticket approved(Instant until) {
        return with(holds, TicketState.APPROVED, Optional.of(until), ballots, closing, delegations, dialogue);
    }

    Ticket closed(TicketState end, Closing how) {
        return with(holds, end, usableUntil, ballots, Optional.of(how), delegations, dialogue);
    }

    Ticket holding(List<Hold> wider) {
        return with(wider, state, usableUntil, ballots, closing, delegations, dialogue);
    }

    Ticket delegated(List<Delegation> all) {
        return with(holds, state, usableUntil, ballots, closing, all, dialogue);
    }

    Ticket saying(List<Utterance> all) {
        return with(holds, state, usableUntil, ballots, closing, delegations, all);
    }

    /// This ticket for the call as somebody changed it: bound anew, and without a vote.
    Ticket edited(String by, Sha256 bound, Sha256 arguments, List<Hold> open, Risk highest) {
        return new Ticket(
                id,
                call,
                session,
                agent,
                user,
                tool,
                definition,
                bound,
                arguments,
                open,
                highest,
                state,
                openedAt,
                expiresAt,
                usableUntil,
                ballots,
                closing,
                delegations,
                dialogue,
                Optional.of(by));
    }

    private Ticket with(
            List<Hold> counted,
            TicketState next,
            Optional<Instant> until,
            int cast,
            Optional<Closing> how,
            List<Delegation> handed,
            List<Utterance> said) {
        return new Ticket(
                id,
                call,
                session,
                agent,
                user,
                tool,
                definition,
                binding,
                argumentsDigest,
                counted,
                risk,
                next,
                openedAt,
                expiresAt,
                until,
                cast,
                how,
                handed,
                said,
                editor);
    }

    Document.Tags tags() {
        return new Document.Tags(session.value(), state.text(), binding.toString());
    }

    /// The document's value; nothing of it is an unsalted digest of something that can be guessed.
    JsonObject json() {
        var json = JsonObject.with("id", id)
                .with("call", call.value())
                .with("session", session.value())
                .with("agent", agent)
                .with("user", user)
                .with("tool", tool.toString())
                .with("definition", definition.toString())
                .with("binding", binding.toString())
                .with("argumentsDigest", argumentsDigest.toString())
                .with(
                        "holds",
                        new JsonArray(holds.stream().<Json>map(Hold::json).toList()))
                .with("risk", risk.text())
                .with("state", state.text())
                .with("openedAt", openedAt.toString())
                .with("expiresAt", expiresAt.toString())
                .with("usableUntil", usableUntil.map(Instant::toString))
                .with("ballots", ballots);
        closing.ifPresent(how -> json.with(
                "closing",
                JsonObject.with("at", how.at().toString())
                        .with("by", how.by())
                        .with("why", how.why())
                        .with("reason", how.reason())
                        .build()));
        if (!delegations.isEmpty())
            json.with(
                    "delegations",
                    new JsonArray(
                            delegations.stream().<Json>map(Delegation::json).toList()));
        if (!dialogue.isEmpty())
            json.with(
                    "dialogue",
                    new JsonArray(dialogue.stream().<Json>map(Utterance::json).toList()));
        return json.with("editor", editor).build();
    }

    /// @throws java.util.NoSuchElementException if a member is missing
    static Ticket of(JsonObject json) {
        return new Ticket(
                json.text("id").orElseThrow(),
                new CallId(json.text("call").orElseThrow()),
                new SessionId(json.text("session").orElseThrow()),
                json.text("agent").orElseThrow(),
                json.text("user"),
                ToolName.parse(json.text("tool").orElseThrow()),
                Sha256.parse(json.text("definition").orElseThrow()),
                Sha256.parse(json.text("binding").orElseThrow()),
                Sha256.parse(json.text("argumentsDigest").orElseThrow()),
                json.array("holds").orElseThrow().objects().stream()
                        .map(Hold::of)
                        .toList(),
                Risk.valueOf(json.text("risk").orElseThrow().toUpperCase(Locale.ROOT)),
                TicketState.parse(json.text("state").orElseThrow()),
                Instant.parse(json.text("openedAt").orElseThrow()),
                Instant.parse(json.text("expiresAt").orElseThrow()),
                json.text("usableUntil").map(Instant::parse),
                Math.toIntExact(json.integer("ballots").orElseThrow()),
                json.object("closing").map(Ticket::closing),
                json.array("delegations").orElse(JsonArray.EMPTY).objects().stream()
                        .map(Delegation::of)
                        .toList(),
                json.array("dialogue").orElse(JsonArray.EMPTY).objects().stream()
                        .map(Utterance::of)
                        .toList(),
                json.text("editor"));
    }

    private static Closing closing(JsonObject json) {
        return new Closing(
                Instant.parse(json.text("at").orElseThrow()),
                json.text("by").orElseThrow(),
                json.text("why").orElseThrow(),
                json.text("reason"));
    }
}
