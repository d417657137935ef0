package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.condition.Expression;
import dev.guardrail.condition.Facts;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Answers, for one policy set, whether a call may run (PDP). Pure: the same facts and grants give the same answer.
/// Immutable to its callers and safe for concurrent use.
public final class DecisionPoint {
    private final PolicySet policies;
    private final RuleIndex index;
    private final Map<RuleId, Rule> rules = new HashMap<>();
    private final Map<Sha256, Rule> holds = new HashMap<>();
    private final boolean readsIrreversible;

    public DecisionPoint(PolicySet policies) {
        this.policies = policies;
        this.index = new RuleIndex(policies);
        for (Layer layer : policies.layers()) {
            for (Rule rule : layer.rules()) {
                rules.put(rule.id(), rule);
                if (rule.effect() == Effect.REQUIRE_APPROVAL) holds.put(rule.digest(), rule);
            }
        }
        readsIrreversible = rules.values().stream().anyMatch(DecisionPoint::readsIrreversible);
    }

    private static boolean readsIrreversible(Rule rule) {
        return rule.when().readsIrreversible() || rule.set().values().stream().anyMatch(Expression::readsIrreversible);
    }

    /// What the `modify` rules make of the original call. They apply once, and never permit.
    /// Where they fail, a rule that denies the call as it stands speaks first.
    public Amendment amend(Facts facts) {
        Candidates candidates = index.of(facts.request().resource().tool());
        if (candidates.modifies().size() == 0) return Amendment.UNCHANGED;
        Amendment amendment = new Rewrite(facts).amendment(candidates.modifies());
        if (amendment instanceof Amendment.Refused(Decision.Deny refusal)
                && refusal.cause() == Cause.GUARD_ERROR
                && new Tally(candidates, facts, List.of()).decision() instanceof Decision.Deny deny
                && deny.cause() == Cause.POLICY
                && !deny.determining().isEmpty()) return new Amendment.Refused(deny);
        return amendment;
    }

    /// The question as it is to be decided: of a call under the sandbox profile that its rules name. Where they name
    /// several it stays as it is, and is denied.
    public Facts confined(Facts facts) {
        Candidates candidates = index.of(facts.request().resource().tool());
        if (!candidates.confines()) return facts;
        Set<Confinement> named = new Tally(candidates, facts, List.of()).confinements();
        return named.size() == 1
                ? new Facts(facts.request().under(named.iterator().next()), facts.session())
                : facts;
    }

    /// The decision on a call as amended, resolved again and [#confined].
    ///
    /// @param grants results of approvals; those that do not fit the call are passed over
    public Verdict decide(Facts facts, Collection<? extends Grant> grants) {
        return new Tally(index.of(facts.request().resource().tool()), facts, grants).verdict();
    }

    /// True where a rule for this tool reads `path.*`: its arguments' paths must be resolved before the decision.
    public boolean readsPaths(ToolDefinition tool) {
        return index.of(tool).readPaths();
    }

    /// True where any rule reads `session.irreversible`: such calls are counted then.
    public boolean readsIrreversible() {
        return readsIrreversible;
    }

    /// True where a listing shows the tool: hidden is only what could never run, while what would be held shows.
    public boolean visible(ToolDefinition tool, Subject subject) {
        return index.of(tool).visibleTo(subject);
    }

    /// The hold rule of this digest, where one is in force unchanged.
    public Optional<Rule> hold(Sha256 digest) {
        return Optional.ofNullable(holds.get(digest));
    }

    public Optional<Rule> rule(RuleId id) {
        return Optional.ofNullable(rules.get(id));
    }

    public PolicySet policies() {
        return policies;
    }
}
