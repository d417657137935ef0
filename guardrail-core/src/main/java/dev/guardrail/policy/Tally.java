package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Confinement;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One decision while it is being reached: which rules are satisfied, which failed. Used once, by one thread.
final class Tally {
    private final Candidates candidates;
    private final Facts facts;
    private final Collection<? extends Grant> grants;

    private final List<Rule> clarifies = new ArrayList<>(0);
    private final List<Rule> permits = new ArrayList<>(0);
    private final List<Rule> failed = new ArrayList<>(0);
    private final List<Rule> open = new ArrayList<>(0);
    private final Set<String> used = LinkedHashSet.newLinkedHashSet(0);
    private Duration delay = Duration.ZERO;
    private boolean undoable;
    private final Map<Confinement, Rule> confinements = LinkedHashMap.newLinkedHashMap(0);
    private boolean permitted;
    private boolean silent;
    private boolean canTurn;
    private @Nullable Sha256 asked;

    Tally(Candidates candidates, Facts facts, Collection<? extends Grant> grants) {
        this.candidates = candidates;
        this.facts = facts;
        this.grants = grants;
    }

    Verdict verdict() {
        Decision decision = decision();
        var shadows = shadows();
        return new Verdict(decision, ids(failed), shadows);
    }

    /// Deny trumps clarify, clarify trumps hold, hold trumps allow; silence denies. Every layer is decided by itself
    /// and the strictest wins, so a deny or a failing rule anywhere settles it, and so does a layer that must
    /// permit and does not.
    Decision decision() {
        var denies = new ArrayList<Rule>(0);
        collect(candidates.denies(), denies);
        if (!denies.isEmpty()) return denied(denies);

        List<Candidates.LayerRules> layers = candidates.layers();
        var clarifying = new boolean[layers.size()];
        for (int i = 0; i < clarifying.length; i++)
            clarifying[i] = collect(layers.get(i).clarifies(), clarifies);
        if (!failed.isEmpty()) return new Decision.Deny(ids(failed), Cause.GUARD_ERROR, "", List.of(), false);

        for (int i = 0; i < clarifying.length; i++) if (!clarifying[i]) permit(layers.get(i));
        if (silent || clarifies.isEmpty() && !permitted)
            return new Decision.Deny(Set.of(), Cause.POLICY, "", List.of(), !canTurn);
        if (!clarifies.isEmpty()) return new Decision.Clarify(ids(clarifies), texts(clarifies));
        if (!isAskedAsConfined()) return unconfined();
        if (!open.isEmpty()) return new Decision.Hold(inOrder(open));
        return new Decision.Allow(ids(permits), used, delay, undoable);
    }

    /// Notes the rules that are satisfied, and those that fail.
    ///
    /// @return true where one is satisfied
    private boolean collect(Row rules, List<Rule> satisfied) {
        boolean any = false;
        for (int i = 0; i < rules.size(); i++) {
            switch (rules.test(i, facts)) {
                case TRUE -> any |= satisfied.add(rules.rule(i));
                case ERROR -> failed.add(rules.rule(i));
                case FALSE -> {}
            }
        }
        return any;
    }

    /// What one layer permits and holds. A failing hold holds and permits nothing; a failing allow is none, but what
    /// it would delay is delayed, and what it wants undoable must be.
    private void permit(Candidates.LayerRules layer) {
        Row rules = layer.permits();
        boolean permits = false;
        boolean says = false;
        for (int i = 0; i < rules.size(); i++) {
            switch (rules.test(i, facts)) {
                case TRUE -> {
                    permits = true;
                    Rule rule = rules.rule(i);
                    burdened(rule);
                    if (rule.effect() == Effect.ALLOW || answered(rule)) this.permits.add(rule);
                }
                case ERROR -> {
                    Rule rule = rules.rule(i);
                    failed.add(rule);
                    burdened(rule);
                    canTurn = true;
                    if (rule.effect() == Effect.REQUIRE_APPROVAL) {
                        says = true;
                        answered(rule);
                    }
                }
                case FALSE -> canTurn |= rules.canTurn(i, facts.request().subject());
            }
        }
        permitted |= permits;
        silent |= !permits && (says || !layer.abstains());
    }

    /// Of several delays the longest counts, and one rule that asks for an undo, or for a sandbox, is enough.
    private void burdened(Rule rule) {
        if (rule.delay().compareTo(delay) > 0) delay = rule.delay();
        undoable |= rule.undoable();
        rule.sandbox().ifPresent(asked -> confinements.putIfAbsent(asked, rule));
    }

    /// Sandbox profiles that rules which permit or hold the call name. Those whose condition fails count too.
    Set<Confinement> confinements() {
        for (Candidates.LayerRules layer : candidates.layers()) {
            Row rules = layer.permits();
            for (int i = 0; i < rules.size(); i++) {
                Rule rule = rules.rule(i);
                if (rule.sandbox().isPresent() && rules.test(i, facts) != Truth.FALSE) burdened(rule);
            }
        }
        return confinements.keySet();
    }

    /// True where the question names the profile that the rules do: what is approved is then what runs.
    private boolean isAskedAsConfined() {
        var asked = facts.request().resource().confinement();
        return confinements.size() <= 1
                && asked.equals(confinements.keySet().stream().findFirst());
    }

    /// No call runs under two profiles; and one that is asked under another than the rules name is not decided.
    private Decision unconfined() {
        boolean torn = confinements.size() > 1;
        return new Decision.Deny(
                ids(List.copyOf(confinements.values())),
                torn ? Cause.POLICY : Cause.GUARD_ERROR,
                torn ? "Rules have it run under different sandbox profiles." : "",
                List.of(),
                false);
    }

    /// True where a grant answers the hold; else the hold is open. Of several grants the one with the least id is
    /// used, unless one that is used already answers it too.
    private boolean answered(Rule hold) {
        String id = null;
        if (!grants.isEmpty()) {
            if (asked == null) asked = facts.request().fingerprint();
            for (Grant grant : grants) {
                if (!grant.answers(hold, facts, asked)) continue;
                if (used.contains(grant.id())) return true;
                if (id == null || grant.id().compareTo(id) < 0) id = grant.id();
            }
        }
        if (id == null) open.add(hold);
        else used.add(id);
        return id != null;
    }

    private static Decision denied(List<Rule> denies) {
        var instead = new LinkedHashSet<String>();
        boolean fixed = true;
        for (Rule rule : denies) {
            instead.addAll(rule.instead());
            fixed &= !rule.when().canTurn();
        }
        return new Decision.Deny(
                ids(denies), Cause.POLICY, texts(denies), List.copyOf(instead), fixed && instead.isEmpty());
    }

    /// What shadow rules would have said of the call as it is decided.
    private Map<RuleId, Effect> shadows() {
        Row rules = candidates.shadows();
        if (rules.size() == 0) return Map.of();
        var shadows = new LinkedHashMap<RuleId, Effect>();
        for (int i = 0; i < rules.size(); i++) {
            Truth truth = rules.test(i, facts);
            Rule rule = rules.rule(i);
            if (truth == Truth.ERROR) failed.add(rule);
            if (truth == Truth.TRUE || truth == Truth.ERROR && rule.effect() != Effect.ALLOW)
                shadows.put(rule.id(), rule.effect());
        }
        return shadows;
    }

    private static LinkedHashSet<Rule> inOrder(List<Rule> holds) {
        var byId = new TreeMap<RuleId, Rule>();
        for (Rule hold : holds) byId.put(hold.id(), hold);
        return new LinkedHashSet<>(byId.values());
    }

    private static Set<RuleId> ids(List<Rule> rules) {
        if (rules.isEmpty()) return Set.of();
        if (rules.size() == 1) return Set.of(rules.getFirst().id());
        var ids = LinkedHashSet.<RuleId>newLinkedHashSet(rules.size());
        for (Rule rule : rules) ids.add(rule.id());
        return ids;
    }

    /// The authors' texts in order of rule ids, each once.
    private static String texts(List<Rule> rules) {
        var texts = new LinkedHashSet<String>();
        rules.stream().sorted(java.util.Comparator.comparing(Rule::id)).forEach(rule -> texts.add(rule.text()));
        texts.remove("");
        return String.join(" ", texts);
    }
}
