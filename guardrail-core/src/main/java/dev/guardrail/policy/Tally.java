package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One decision while it is being reached: which rules are satisfied, which failed. Used once, by one thread.
final class Tally {
    private final Candidates candidates;
    private final Facts facts;
    private final Collection<Grant> grants;

    private final List<Rule> denies = new ArrayList<>(2);
    private final List<Rule> clarifies = new ArrayList<>(0);
    private final List<Rule> permits = new ArrayList<>(2);
    private final List<Rule> failed = new ArrayList<>(0);
    private final SequencedMap<String, Rule> open = new TreeMap<>();
    private final LinkedHashSet<String> used = new LinkedHashSet<>(0);
    private boolean permitted;
    private boolean silent;
    private boolean canTurn;
    private @Nullable Sha256 asked;

    Tally(Candidates candidates, Facts facts, Collection<Grant> grants) {
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
        for (Rule rule : candidates.denies()) ask(rule, denies);
        if (!denies.isEmpty()) return denied();

        boolean[] clarifying = clarify();
        if (!failed.isEmpty()) return new Decision.Deny(ids(failed), Cause.GUARD_ERROR, "", List.of(), false);

        for (int layer = 0; layer < candidates.permits().length; layer++)
            if (!clarifying[layer]) permit(candidates.permits()[layer]);
        if (silent || clarifies.isEmpty() && !permitted)
            return new Decision.Deny(Set.of(), Cause.POLICY, "", List.of(), !canTurn);
        if (!clarifies.isEmpty()) return new Decision.Clarify(ids(clarifies), texts(clarifies));
        if (!open.isEmpty()) return new Decision.Hold(new LinkedHashSet<>(open.values()));
        return new Decision.Allow(ids(permits), used);
    }

    /// @return per layer, whether one of its clarify rules is satisfied
    private boolean[] clarify() {
        var clarifying = new boolean[candidates.permits().length];
        for (Candidates.Clarify clarify : candidates.clarifies())
            if (ask(clarify.rule(), clarifies)) clarifying[clarify.layer()] = true;
        return clarifying;
    }

    /// What one layer permits and holds. A failing hold holds and permits nothing; a failing allow is none.
    private void permit(Candidates.Permits layer) {
        boolean permits = false;
        boolean says = false;
        for (Rule rule : layer.rules()) {
            if (!rule.match().matches(facts.request().subject())) continue;
            Truth truth = rule.when().test(facts);
            boolean hold = rule.effect() == Effect.REQUIRE_APPROVAL;
            switch (truth) {
                case TRUE -> {
                    permits = true;
                    says = true;
                    if (!hold || answered(rule)) this.permits.add(rule);
                }
                case ERROR -> {
                    failed.add(rule);
                    if (hold) {
                        says = true;
                        answered(rule);
                    }
                }
                case FALSE -> {}
            }
            canTurn |=
                    truth == Truth.ERROR || truth == Truth.FALSE && rule.when().canTurn();
        }
        permitted |= permits;
        silent |= !permits && (says || !layer.abstains());
    }

    /// True where the rule is satisfied; a failing one is noted.
    private boolean ask(Rule rule, List<Rule> satisfied) {
        if (!rule.match().matches(facts.request().subject())) return false;
        return switch (rule.when().test(facts)) {
            case TRUE -> satisfied.add(rule);
            case ERROR -> {
                failed.add(rule);
                yield false;
            }
            case FALSE -> false;
        };
    }

    /// True where a grant answers the hold; else the hold is open. Of several grants the one with the least id is
    /// used, unless one that is used already answers it too.
    private boolean answered(Rule hold) {
        String id = null;
        if (!grants.isEmpty()) {
            Instant now = facts.request().context().time();
            if (asked == null) asked = facts.request().fingerprint();
            for (Grant grant : grants) {
                if (!grant.answers(hold, asked, now)) continue;
                if (used.contains(grant.id())) return true;
                if (id == null || grant.id().compareTo(id) < 0) id = grant.id();
            }
        }
        if (id == null) open.put(hold.id().value(), hold);
        else used.add(id);
        return id != null;
    }

    private Decision denied() {
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
        if (candidates.shadows().length == 0) return Map.of();
        var shadows = new LinkedHashMap<RuleId, Effect>();
        for (Rule rule : candidates.shadows()) {
            if (!rule.match().matches(facts.request().subject())) continue;
            Truth truth = rule.when().test(facts);
            if (truth == Truth.ERROR) failed.add(rule);
            if (truth == Truth.TRUE || truth == Truth.ERROR && rule.effect() != Effect.ALLOW)
                shadows.put(rule.id(), rule.effect());
        }
        return shadows;
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
        for (Rule rule : rules) if (!rule.text().isEmpty()) texts.add(rule.text());
        return String.join(" ", texts);
    }
}
