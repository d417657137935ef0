package dev.guardrail.approval;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.policy.RuleId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A standing grant as its document holds it: what people agreed to beyond one call, and what was used of it.
///
/// @param ticket whose votes it came from
/// @param call that was approved: it counts as the first one, or is the plan
/// @param session of that call
/// @param definition digest of the pinned tool
/// @param holder blinded digest of agent and user, to find it by
/// @param binding blinded digest of what its calls have in common ([dev.guardrail.policy.Reach#binding])
/// @param rules hold rules that it answers, as they were
/// @param approvers everybody whose vote asked for it
/// @param until its end by the wall clock, for display; what counts within a boot is monotonic
/// @param used calls that were permitted under it
/// @param spent of its sum; 0 where it has none
/// @param step place in its plan, from 1; empty where it is of none
/// @param ending how it ended, where it did before its calls were used up
public record GrantRecord(
        String id,
        String ticket,
        CallId call,
        SessionId session,
        String agent,
        Optional<String> user,
        ToolName tool,
        Sha256 definition,
        Sha256 holder,
        Sha256 binding,
        Scope scope,
        List<Answered> rules,
        List<String> approvers,
        Instant at,
        Instant until,
        GrantState state,
        int used,
        BigDecimal spent,
        Optional<Integer> step,
        Optional<Ending> ending) {

    public GrantRecord {
        rules = List.copyOf(rules);
        approvers = List.copyOf(approvers);
    }

    /// A hold rule that it answers.
    ///
    /// @param digest of the rule as it was: it does not answer what the rule says otherwise
    public record Answered(RuleId rule, Sha256 digest) {}

    /// How it ended.
    ///
    /// @param by name of the person, empty where time did it
    /// @param reason id of the body with the person's reason
    public record Ending(Instant at, String by, Optional<String> reason) {}

    /// Ids of the rules that it answers.
    public List<String> ruleIds() {
        return rules.stream().map(answered -> answered.rule().value()).toList();
    }

    /// What is left of its sum; empty where it has none.
    public Optional<BigDecimal> left() {
        return scope.reach().sum().map(sum -> sum.max().subtract(spent));
    }

    /// True where one more call of this amount stays within its caps.
    boolean hasRoomFor(BigDecimal amount) {
        return state == GrantState.ACTIVE
                && used < scope.calls()
                && left().map(rest -> amount.compareTo(rest) <= 0).orElse(true);
    }

    /// This grant after one more call.
    GrantRecord after(BigDecimal amount) {
        boolean last = used + 1 >= scope.calls();
        var next = last ? state.after(GrantState.Event.SPEND).orElseThrow() : state;
        return with(next, used + 1, spent.add(scope.reach().sum().isPresent() ? amount : BigDecimal.ZERO), ending);
    }

    GrantRecord ended(GrantState.Event event, Ending how) {
        return with(state.after(event).orElseThrow(), used, spent, Optional.of(how));
    }

    private GrantRecord with(GrantState next, int calls, BigDecimal sum, Optional<Ending> how) {
        return new GrantRecord(
                id,
                ticket,
                call,
                session,
                agent,
                user,
                tool,
                definition,
                holder,
                binding,
                scope,
                rules,
                approvers,
                at,
                until,
                next,
                calls,
                sum,
                step,
                how);
    }

    /// The change that writes this state over version `expected` of the document.
    Change put(long expected) {
        var tags = new Document.Tags(session.value(), state.text(), holder.toString());
        return new Change.Put(Kind.GRANT, id, expected, tags, json());
    }

    /// The document's value; nothing of it is an unsalted digest of something that can be guessed.
    JsonObject json() {
        var json = JsonObject.with("id", id)
                .with("ticket", ticket)
                .with("call", call.value())
                .with("session", session.value())
                .with("agent", agent)
                .with("user", user)
                .with("tool", tool.toString())
                .with("definition", definition.toString())
                .with("holder", holder.toString())
                .with("binding", binding.toString())
                .with("scope", scope.json())
                .with("rules", rules(rules))
                .with("approvers", JsonArray.ofTexts(approvers))
                .with("at", at.toString())
                .with("until", until.toString())
                .with("state", state.text())
                .with("used", used)
                .with("spent", spent.toPlainString());
        step.ifPresent(place -> json.with("step", place));
        ending.ifPresent(how -> json.with(
                "ending",
                JsonObject.with("at", how.at().toString())
                        .with("by", how.by())
                        .with("reason", how.reason())
                        .build()));
        return json.build();
    }

    private static JsonArray rules(Collection<Answered> rules) {
        return new JsonArray(rules.stream()
                .<Json>map(answered -> JsonObject.with("rule", answered.rule().value())
                        .with("digest", answered.digest().toString())
                        .build())
                .toList());
    }

    /// @throws java.util.NoSuchElementException if a member is missing
    static GrantRecord of(JsonObject json) {
        return new GrantRecord(
                json.text("id").orElseThrow(),
                json.text("ticket").orElseThrow(),
                new CallId(json.text("call").orElseThrow()),
                new SessionId(json.text("session").orElseThrow()),
                json.text("agent").orElseThrow(),
                json.text("user"),
                ToolName.parse(json.text("tool").orElseThrow()),
                Sha256.parse(json.text("definition").orElseThrow()),
                Sha256.parse(json.text("holder").orElseThrow()),
                Sha256.parse(json.text("binding").orElseThrow()),
                Scope.stored(json.object("scope").orElseThrow()),
                json.array("rules").orElseThrow().objects().stream()
                        .map(rule -> new Answered(
                                new RuleId(rule.text("rule").orElseThrow()),
                                Sha256.parse(rule.text("digest").orElseThrow())))
                        .toList(),
                json.array("approvers").orElseThrow().texts(),
                Instant.parse(json.text("at").orElseThrow()),
                Instant.parse(json.text("until").orElseThrow()),
                GrantState.parse(json.text("state").orElseThrow()),
                Math.toIntExact(json.integer("used").orElseThrow()),
                new BigDecimal(json.text("spent").orElseThrow()),
                json.has("step")
                        ? Optional.of(Math.toIntExact(json.integer("step").orElseThrow()))
                        : Optional.empty(),
                json.object("ending")
                        .map(how -> new Ending(
                                Instant.parse(how.text("at").orElseThrow()),
                                how.text("by").orElseThrow(),
                                how.text("reason"))));
    }
}
