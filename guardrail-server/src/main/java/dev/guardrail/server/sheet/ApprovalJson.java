package dev.guardrail.server.sheet;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.GrantRecord;
import dev.guardrail.approval.Hold;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.Utterance;
import dev.guardrail.approval.Vote;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Journal;
import dev.guardrail.pack.Durations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// An approval as people are shown it. What the agent said stands apart, under its own name, last.
///
/// @param pinned definition of a tool as it is pinned now, with the operator's word for its effect
public record ApprovalJson(Journal journal, ApprovalDesk desk, Function<ToolName, Optional<ToolDefinition>> pinned) {

    private static final String TAKEN_OUT = "secrets were taken out of the arguments shown here";

    /// A line of the queue.
    public JsonObject item(Ticket ticket) {
        return facts(ticket, matter(ticket)).build();
    }

    /// Everything that somebody needs who decides.
    public JsonObject detail(Ticket ticket) {
        Matter matter = matter(ticket);
        Optional<Json> arguments = matter.arguments(journal);
        Optional<Json> reason = matter.reason(journal);
        var detail = facts(ticket, matter)
                .with("claim", Phrase.text(sentence(ticket, arguments)))
                .with("warnings", JsonArray.ofTexts(warnings(ticket, matter, arguments, reason)))
                .with(
                        "mustOpen",
                        JsonArray.ofTexts(arguments
                                .map(value -> Exhibit.mustOpen(Survey.ARGUMENTS, value))
                                .orElse(List.of())))
                .with("definition", ticket.definition().toString());
        people(ticket, detail);
        arguments.ifPresent(value -> detail.with("arguments", value));
        if (isPlan(ticket)) detail.with("planned", JsonArray.ofTexts(PlanLines.of(arguments)));
        matter.proposed(journal).ifPresent(proposed -> detail.with("proposed", proposed));
        if (!matter.whole()) detail.with("argumentsNote", TAKEN_OUT);
        ticket.closing().ifPresent(how -> detail.with("closed", closing(ticket, how)));
        if (!ticket.dialogue().isEmpty())
            detail.with(
                    "dialogue",
                    new JsonArray(
                            ticket.dialogue().stream().<Json>map(this::said).toList()));
        reason.ifPresent(said -> detail.with(
                "agentSays",
                JsonObject.with("reason", said).with("trusted", false).build()));
        return detail.build();
    }

    /// Who is asked, who could answer, and who has dealt with it.
    private void people(Ticket ticket, JsonObject.Builder detail) {
        detail.with(
                        "holds",
                        new JsonArray(ticket.holds().stream()
                                .<Json>map(ApprovalJson::hold)
                                .toList()))
                .with("canDecide", JsonArray.ofTexts(desk.eligible(ticket)))
                .with("editedBy", ticket.editor());
        desk.longestMemory(ticket)
                .ifPresent(longest -> detail.with(
                        "remember",
                        JsonObject.with("max", Durations.text(longest)).build()));
        if (isPlan(ticket)) given(ticket, detail);
        else desk.grants().of(ticket).ifPresent(grant -> detail.with("grant", grant.id()));
        if (!ticket.delegations().isEmpty())
            detail.with(
                    "delegations",
                    new JsonArray(ticket.delegations().stream()
                            .<Json>map(handed -> JsonObject.with("from", handed.from())
                                    .with("to", handed.to())
                                    .with("at", handed.at().toString())
                                    .build())
                            .toList()));
    }

    private void given(Ticket ticket, JsonObject.Builder detail) {
        List<String> grants = desk.grants().of(ticket.session(), ticket.id()).stream()
                .map(GrantRecord::id)
                .toList();
        if (!grants.isEmpty()) detail.with("grants", JsonArray.ofTexts(grants));
    }

    /// What is asked for, in one sentence of ours.
    public List<Phrase> sentence(Ticket ticket) {
        return sentence(ticket, matter(ticket).arguments(journal));
    }

    private List<Phrase> sentence(Ticket ticket, Optional<Json> arguments) {
        return (isPlan(ticket)
                        ? PlanLines.claim(ticket.agent(), ticket.user(), arguments)
                        : Optional.<List<Phrase>>empty())
                .orElseGet(() -> claim(ticket, arguments).phrases());
    }

    private static boolean isPlan(Ticket ticket) {
        return ticket.tool().equals(ToolName.PLAN);
    }

    private Claim claim(Ticket ticket, Optional<Json> arguments) {
        return new Claim(
                ticket.agent(),
                ticket.user(),
                ticket.tool().toString(),
                held(ticket).map(tool -> tool.effect().text()),
                arguments);
    }

    /// The tool that the call was held with; empty where another definition is pinned by now.
    private Optional<ToolDefinition> held(Ticket ticket) {
        return pinned.apply(ticket.tool()).filter(tool -> tool.digest().equals(ticket.definition()));
    }

    private List<String> warnings(Ticket ticket, Matter matter, Optional<Json> arguments, Optional<Json> reason) {
        var warnings = new ArrayList<>(arguments.map(Survey::ofArguments).orElse(List.of()));
        reason.ifPresent(said -> warnings.addAll(Survey.of("agentSays.reason", said)));
        if (!matter.whole()) warnings.add(TAKEN_OUT);
        if (pinned.apply(ticket.tool()).isPresent() && held(ticket).isEmpty())
            warnings.add("the tool's definition has changed since the call was held");
        return warnings;
    }

    /// What the agent's side says is as little to be trusted as its reason.
    private JsonObject said(Utterance said) {
        return JsonObject.with("part", said.part().text())
                .with("by", said.by())
                .with("at", said.at().toString())
                .with("text", desk.words(said))
                .with("trusted", said.part() == Utterance.Part.QUESTION)
                .build();
    }

    private Matter matter(Ticket ticket) {
        return Matter.of(journal, ticket);
    }

    private static JsonObject.Builder facts(Ticket ticket, Matter matter) {
        var facts = JsonObject.with("id", ticket.id())
                .with("callId", ticket.call().value())
                .with("session", ticket.session().value())
                .with("tool", ticket.tool().toString())
                .with("agent", ticket.agent())
                .with("user", ticket.user())
                .with("argumentsDigest", matter.argumentsDigest())
                .with("risk", ticket.risk().text())
                .with("state", ticket.state().text())
                .with("required", ticket.required())
                .with("given", ticket.given())
                .with("rules", JsonArray.ofTexts(ticket.rules()))
                .with("openedAt", ticket.openedAt().toString())
                .with("expiresAt", ticket.expiresAt().toString())
                .with("usableUntil", ticket.usableUntil().map(Instant::toString));
        if (matter.canary() && !ticket.pending()) facts.with("canary", true);
        return facts;
    }

    private static JsonObject hold(Hold hold) {
        return JsonObject.with("rule", hold.rule().value())
                .with("approvers", JsonArray.ofTexts(hold.approvers()))
                .with("required", hold.quorum().required())
                .with("given", hold.votes().size())
                .with("distinctGroups", hold.quorum().distinctGroups())
                .with("confirm", hold.quorum().confirm())
                .with(
                        "votes",
                        new JsonArray(hold.votes().stream()
                                .<Json>map(ApprovalJson::vote)
                                .toList()))
                .build();
    }

    private static JsonObject vote(Vote vote) {
        var json = JsonObject.with("voter", vote.voter()).with("at", vote.at().toString());
        vote.scope().ifPresent(scope -> json.with("scope", scope.json()));
        return json.build();
    }

    private JsonObject closing(Ticket ticket, Ticket.Closing how) {
        return JsonObject.with("at", how.at().toString())
                .with("by", how.by())
                .with("why", how.why())
                .with("reason", desk.reason(ticket))
                .build();
    }
}
