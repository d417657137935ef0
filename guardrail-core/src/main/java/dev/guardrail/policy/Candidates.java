package dev.guardrail.policy;

import dev.guardrail.call.Subject;
import dev.guardrail.condition.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The rules that one tool's name and labels leave in play, laid out in the order in which they are asked.
final class Candidates {

    /// What one layer asks and may permit.
    ///
    /// @param abstains it has no say where none of its rules match
    /// @param permits allow and require_approval rules
    record LayerRules(boolean abstains, Row clarifies, Row permits) {}

    private final Set<String> labels;
    private final Row denies;
    private final Row modifies;
    private final Row shadows;
    private final List<LayerRules> layers = new ArrayList<>();
    private final boolean confines;

    /// @param labels of the tool that this is worked out for
    /// @param some layers with unique names; rules that the tool rules out are gone already
    Candidates(Set<String> labels, List<Layer> some) {
        this.labels = labels;
        var deny = new ArrayList<Rule>();
        var modify = new ArrayList<Rule>();
        var shadow = new ArrayList<Rule>();
        for (Layer layer : some) {
            var clarify = new ArrayList<Rule>();
            var permit = new ArrayList<Rule>();
            for (Rule rule : layer.rules()) {
                if (rule.shadow()) {
                    shadow.add(rule);
                    continue;
                }
                switch (rule.effect()) {
                    case DENY -> deny.add(rule);
                    case CLARIFY -> clarify.add(rule);
                    case REQUIRE_APPROVAL, ALLOW -> permit.add(rule);
                    case MODIFY -> modify.add(rule);
                }
            }
            layers.add(new LayerRules(layer.abstains(), new Row(clarify), new Row(permit)));
        }
        confines = some.stream()
                .flatMap(layer -> layer.rules().stream())
                .anyMatch(rule -> !rule.shadow() && rule.sandbox().isPresent());
        denies = new Row(deny);
        modifies = new Row(modify);
        shadows = new Row(shadow);
    }

    /// True where they were worked out for a tool of these labels.
    boolean fit(Set<String> some) {
        return labels == some || labels.equals(some);
    }

    /// Of all layers: a deny anywhere settles it.
    Row denies() {
        return denies;
    }

    /// Of all layers.
    Row modifies() {
        return modifies;
    }

    /// Of all layers and effects.
    Row shadows() {
        return shadows;
    }

    List<LayerRules> layers() {
        return layers;
    }

    /// True where a rule asks what the file system says of the arguments' paths.
    boolean readPaths() {
        if (denies.readsPaths() || modifies.readsPaths() || shadows.readsPaths()) return true;
        for (LayerRules layer : layers)
            if (layer.clarifies().readsPaths() || layer.permits().readsPaths()) return true;
        return false;
    }

    /// True where a rule that permits or holds names a sandbox.
    boolean confines() {
        return confines;
    }

    /// False only where nothing could ever come of a call by this subject: a deny without a condition, or a layer
    /// that must permit and has no rule that could.
    boolean visibleTo(Subject subject) {
        for (int i = 0; i < denies.size(); i++)
            if (denies.rule(i).when() instanceof Condition.Always && denies.isAbout(i, subject)) return false;
        boolean permitted = false;
        for (LayerRules layer : layers) {
            boolean permits = permits(layer.permits(), subject);
            if (!permits && !layer.abstains()) return false;
            permitted |= permits;
        }
        return permitted;
    }

    private static boolean permits(Row rules, Subject subject) {
        for (int i = 0; i < rules.size(); i++) if (rules.isAbout(i, subject)) return true;
        return false;
    }
}
