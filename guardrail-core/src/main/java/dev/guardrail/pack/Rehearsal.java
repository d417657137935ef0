package dev.guardrail.pack;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Action;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import dev.guardrail.policy.Amendment;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.ExactGrant;
import dev.guardrail.policy.Grant;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import dev.guardrail.policy.Verdict;
import dev.guardrail.session.PastCall;
import dev.guardrail.session.SessionView;
import dev.guardrail.session.Trajectory;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Plays the calls of one case in a session of its own: decided as the guard decides, with nothing run.
final class Rehearsal {
    private static final SessionId SESSION = new SessionId("ses_test");

    private final DecisionPoint decisions;
    private final KnownTools tools;
    private final PackCase.Given given;
    private final TestPaths paths;
    private final Set<String> taints;
    private final Set<String> seen = new TreeSet<>();
    private Trajectory calls = Trajectory.EMPTY;
    private int irreversible;

    /// What came of one call.
    ///
    /// @param modifying rules that changed the arguments
    /// @param shadow rules in shadow that would have had a say
    record Outcome(
            String effect,
            Set<RuleId> determining,
            Set<RuleId> modifying,
            Set<RuleId> shadow,
            JsonObject arguments,
            String message,
            String cause,
            boolean isFinal,
            Duration delay,
            Facts original,
            Facts facts) {

        /// True where the rule has a say in what came, or would have had one.
        boolean names(Rule rule) {
            return determining.contains(rule.id()) || modifying.contains(rule.id()) || shadow.contains(rule.id());
        }

        /// True where the rule's match and condition are met.
        boolean applies(Rule rule) {
            Facts read = rule.effect() == Effect.MODIFY ? original : facts;
            return rule.match().matches(read.request()) && rule.when().test(read) == Truth.TRUE;
        }
    }

    Rehearsal(DecisionPoint decisions, KnownTools tools, PackCase.Given given) {
        this.decisions = decisions;
        this.tools = tools;
        this.given = given;
        this.paths = new TestPaths(given.root(), given.paths());
        this.taints = new TreeSet<>(given.taints());
        this.irreversible = given.irreversible();
        for (PackCase.Past past : given.calls()) happened(past.tool(), past.arguments(), past.ok(), Purpose.ACT);
    }

    Outcome play(PackCase.Step step) {
        Facts original = facts(request(step));
        Facts facts = original;
        Set<RuleId> modifying = Set.of();
        switch (decisions.amend(original)) {
            case Amendment.Unchanged same -> {}
            case Amendment.Changed(JsonObject arguments, Set<RuleId> rules) -> {
                facts = facts(original.request().with(arguments, paths.of(arguments)));
                modifying = rules;
            }
            case Amendment.Refused(Decision.Deny deny) -> {
                return outcome(new Verdict(deny, Set.of(), java.util.Map.of()), modifying, original, facts);
            }
        }
        facts = decisions.confined(facts);
        Verdict verdict = decisions.decide(facts, grants(step, facts));
        if (verdict.decision() instanceof Decision.Allow)
            happened(step.tool(), facts.request().action().arguments(), step.ok(), step.purpose());
        return outcome(verdict, modifying, original, facts);
    }

    private DecisionRequest request(PackCase.Step step) {
        return new DecisionRequest(
                new CallId("call_test"),
                given.subject(),
                new Action(step.tool(), step.arguments()),
                new Resource(tools.of(step.tool()), paths.of(step.arguments())),
                new Context(given.time(), step.reason(), step.risk(), step.purpose()));
    }

    private Facts facts(DecisionRequest request) {
        return new Facts(
                request,
                new SessionView(
                        SESSION,
                        given.task(),
                        given.taskTrusted(),
                        taints,
                        seen,
                        irreversible,
                        calls,
                        given.messages(),
                        0));
    }

    private void happened(ToolName tool, JsonObject arguments, boolean ok, Purpose purpose) {
        ToolDefinition definition = tools.of(tool);
        taints.addAll(definition.taints());
        seen.add(tool.toString());
        // At best: a case knows of no state that could not be read.
        boolean stays = definition.effect() != ToolEffect.READ && definition.exactness() != Exactness.EXACT;
        if (stays && purpose == Purpose.ACT) irreversible++;
        calls = calls.and(new PastCall(tool, arguments, ok, given.time()));
    }

    /// One grant, for exactly this call, from everyone who had to agree on the rules that the case says were approved.
    private List<Grant> grants(PackCase.Step step, Facts facts) {
        var digests = new HashSet<Sha256>();
        for (RuleId id : step.approved()) decisions.rule(id).map(Rule::digest).ifPresent(digests::add);
        if (digests.isEmpty()) return List.of();
        return List.of(new ExactGrant(
                "grt_test", facts.request().fingerprint(), digests, given.time().plusSeconds(1)));
    }

    private static Outcome outcome(Verdict verdict, Set<RuleId> modifying, Facts original, Facts facts) {
        Decision decision = verdict.decision();
        Optional<Decision.Deny> denied = decision instanceof Decision.Deny deny ? Optional.of(deny) : Optional.empty();
        return new Outcome(
                effect(decision, !modifying.isEmpty()).text(),
                decision.determining(),
                modifying,
                verdict.shadow().keySet(),
                facts.request().action().arguments(),
                decision instanceof Decision.Clarify clarify
                        ? clarify.question()
                        : denied.map(Decision.Deny::message).orElse(""),
                denied.map(deny -> deny.cause().text()).orElse(""),
                denied.map(Decision.Deny::fixed).orElse(false),
                decision instanceof Decision.Allow allow ? allow.delay() : Duration.ZERO,
                original,
                facts);
    }

    private static Effect effect(Decision decision, boolean changed) {
        return switch (decision) {
            case Decision.Allow allow -> changed ? Effect.MODIFY : Effect.ALLOW;
            case Decision.Deny deny -> Effect.DENY;
            case Decision.Hold hold -> Effect.REQUIRE_APPROVAL;
            case Decision.Clarify clarify -> Effect.CLARIFY;
        };
    }
}
