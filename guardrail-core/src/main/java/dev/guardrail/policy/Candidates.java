package dev.guardrail.policy;

import dev.guardrail.call.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// The rules that one tool's name and labels leave in play, laid out in the order in which they are asked.
///
/// @param labels of the tool that this was worked out for
/// @param denies of all layers
/// @param clarifies of all layers
/// @param permits allow and require_approval rules, layer by layer
/// @param modifies of all layers
/// @param shadows of all layers and effects
record Candidates(
        Set<String> labels, Rule[] denies, Clarify[] clarifies, Permits[] permits, Rule[] modifies, Rule[] shadows) {

    private static final Rule[] NONE = {};

    /// A clarify rule, and the number of its layer in [#permits].
    record Clarify(Rule rule, int layer) {}

    /// What one layer may permit, and whether it has no say where none of its rules match.
    record Permits(boolean abstains, Rule[] rules) {}

    /// @param layers with unique names; rules that the tool rules out are gone already
    static Candidates of(Set<String> labels, List<Layer> layers) {
        var denies = new ArrayList<Rule>();
        var clarifies = new ArrayList<Clarify>();
        var permits = new Permits[layers.size()];
        var modifies = new ArrayList<Rule>();
        var shadows = new ArrayList<Rule>();
        for (int layer = 0; layer < permits.length; layer++) {
            var permitting = new ArrayList<Rule>();
            for (Rule rule : layers.get(layer).rules()) {
                if (rule.shadow()) {
                    shadows.add(rule);
                    continue;
                }
                switch (rule.effect()) {
                    case DENY -> denies.add(rule);
                    case CLARIFY -> clarifies.add(new Clarify(rule, layer));
                    case REQUIRE_APPROVAL, ALLOW -> permitting.add(rule);
                    case MODIFY -> modifies.add(rule);
                }
            }
            permits[layer] = new Permits(layers.get(layer).abstains(), sorted(permitting));
        }
        clarifies.sort(Comparator.comparing(clarify -> clarify.rule().id()));
        return new Candidates(
                labels, sorted(denies), clarifies.toArray(Clarify[]::new), permits, sorted(modifies), sorted(shadows));
    }

    private static Rule[] sorted(List<Rule> rules) {
        rules.sort(Comparator.comparing(Rule::id));
        return rules.toArray(NONE);
    }

    /// True where a rule asks what the file system says of the arguments' paths.
    boolean readPaths() {
        for (Rule rule : denies) if (rule.when().readsPaths()) return true;
        for (Clarify clarify : clarifies) if (clarify.rule().when().readsPaths()) return true;
        for (Permits layer : permits)
            for (Rule rule : layer.rules()) if (rule.when().readsPaths()) return true;
        for (Rule rule : shadows) if (rule.when().readsPaths()) return true;
        for (Rule rule : modifies) {
            if (rule.when().readsPaths()) return true;
            for (var value : rule.set().values()) if (value.readsPaths()) return true;
        }
        return false;
    }

    /// False only where nothing could ever come of a call by this subject: a deny without a condition, or a layer
    /// that must permit and has no rule that could.
    boolean visibleTo(Subject subject) {
        for (Rule rule : denies)
            if (rule.when() instanceof dev.guardrail.condition.Condition.Always
                    && rule.match().matches(subject)) return false;
        boolean permitted = false;
        for (Permits layer : permits) {
            boolean permits = permits(layer, subject);
            if (!permits && !layer.abstains()) return false;
            permitted |= permits;
        }
        return permitted;
    }

    private static boolean permits(Permits layer, Subject subject) {
        for (Rule rule : layer.rules()) if (rule.match().matches(subject)) return true;
        return false;
    }

    // Arrays compare by identity; candidates are looked up, never compared.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
