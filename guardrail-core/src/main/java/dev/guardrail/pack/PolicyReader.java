package dev.guardrail.pack;

import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Compiled;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.Rule;
import dev.guardrail.sandbox.Profile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Gathers the rules of all `Policy` documents into layers.
final class PolicyReader {
    private static final List<String> KEYS = List.of("apiVersion", "kind", "metadata", "default", "rules");
    private static final List<String> METADATA = List.of("name", "owner", "layer");
    private static final String MAIN = "main";

    private final CelConditions conditions = new CelConditions();
    private final Map<CelReader.Asked, Compiled> compiled = new HashMap<>();
    private final KnownTools tools;
    private final Optional<Set<String>> channels;
    private final Map<String, Profile> profiles;
    private final Map<String, RuleReader.Placed> byId = new HashMap<>();
    private final Map<String, List<Rule>> layers = new TreeMap<>();
    private final Map<String, Default> defaults = new HashMap<>();

    /// What a layer does where none of its rules match, and where that is said.
    private record Default(boolean abstains, String position) {}

    /// @param channels that are configured; empty where that is not known
    /// @param profiles sandbox profiles that rules can name
    PolicyReader(KnownTools tools, Optional<Set<String>> channels, Map<String, Profile> profiles) {
        this.tools = tools;
        this.channels = channels;
        this.profiles = profiles;
    }

    void read(Document document) {
        Findings findings = document.findings();
        Fields.of(document.yaml(), "a Policy", KEYS, findings).ifPresent(fields -> {
            String layer = layer(fields, findings);
            layers.computeIfAbsent(layer, unknown -> new ArrayList<>());
            readDefault(fields, layer, findings);
            if (fields.required("rules").isEmpty()) return;
            var reader = new RuleReader(conditions, compiled, findings, tools, channels, profiles);
            for (Yaml yaml : fields.list("rules")) reader.read(yaml).ifPresent(rule -> add(layer, rule));
        });
    }

    private String layer(Fields fields, Findings findings) {
        return fields.value("metadata")
                .flatMap(yaml -> Fields.of(yaml, "`metadata`", METADATA, findings))
                .flatMap(metadata -> {
                    metadata.text("name");
                    metadata.text("owner");
                    return metadata.text("layer").filter(name -> isLayer(metadata, name, findings));
                })
                .orElse(MAIN);
    }

    private static boolean isLayer(Fields metadata, String name, Findings findings) {
        if (name.matches("[a-z0-9_-]{1,64}")) return true;
        findings.error(
                metadata.value("layer").orElseThrow().place(),
                "wrong-name",
                "`" + name + "` is no layer; it is at most 64 of a-z 0-9 _ -");
        return false;
    }

    private void readDefault(Fields fields, String layer, Findings findings) {
        Optional<String> word = fields.word("default", List.of("deny", "abstain"));
        if (word.isEmpty()) return;
        boolean abstains = word.get().equals("abstain");
        Place place = fields.key("default");
        Default first = defaults.putIfAbsent(layer, new Default(abstains, findings.file() + ':' + place.line()));
        if (first != null && first.abstains() != abstains)
            findings.error(
                    place,
                    "contradictory-default",
                    "the default of layer `" + layer + "` is `" + (first.abstains() ? "abstain" : "deny") + "` in "
                            + first.position());
    }

    private void add(String layer, RuleReader.Placed placed) {
        Rule rule = placed.rule();
        RuleReader.Placed first = byId.putIfAbsent(rule.id().value(), placed);
        if (first == null) {
            layers.computeIfAbsent(layer, unknown -> new ArrayList<>()).add(rule);
            return;
        }
        placed.findings()
                .error(
                        placed.place(),
                        "duplicate-rule",
                        "there is a rule `" + rule.id() + "` in " + first.rule().position() + " already");
    }

    List<Layer> layers() {
        return layers.entrySet().stream()
                .map(entry -> new Layer(
                        entry.getKey(),
                        defaults.containsKey(entry.getKey())
                                && defaults.get(entry.getKey()).abstains(),
                        entry.getValue().stream()
                                .sorted(Comparator.comparing(Rule::id))
                                .toList()))
                .toList();
    }

    /// Rules by id, with their places.
    Map<String, RuleReader.Placed> placed() {
        return byId;
    }
}
