package dev.guardrail.pack;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Compiled;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Expression;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Match;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import dev.guardrail.sandbox.Profile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Reads one rule of a `Policy`.
final class RuleReader {
    private static final List<String> KEYS = List.of(
            "id",
            "match",
            "when",
            "effect",
            "message",
            "instead",
            "ask",
            "risk",
            "approval",
            "set",
            "enforcement",
            "delay",
            "undo",
            "sandbox");
    private static final List<String> LATER = List.of("preview");
    private static final List<String> EFFECTS =
            Arrays.stream(Effect.values()).map(Effect::text).toList();
    private static final List<String> RISKS =
            Arrays.stream(Risk.values()).map(Risk::text).toList();
    private static final String NOTHING = "0+(ms|s|m|h|d)";
    static final Duration LONGEST_DELAY = Duration.ofDays(365);

    /// A session token lives no longer: whoever waits beyond it finds nobody in its session.
    private static final Duration LONG_DELAY = Duration.ofDays(7);

    private static final String PATH = "args(\\.[^.\\s]{1,256}){1,16}";

    private final Findings findings;
    private final KnownTools tools;
    private final CelReader cel;
    private final Optional<Set<String>> channels;
    private final Map<String, Profile> profiles;

    /// A rule, and where it stands.
    record Placed(Rule rule, Place place, Findings findings) {}

    RuleReader(
            CelConditions conditions,
            Map<CelReader.Asked, Compiled> known,
            Findings findings,
            KnownTools tools,
            Optional<Set<String>> channels,
            Map<String, Profile> profiles) {
        this.findings = findings;
        this.tools = tools;
        this.cel = new CelReader(conditions, known, findings);
        this.channels = channels;
        this.profiles = profiles;
    }

    Optional<Placed> read(Yaml yaml) {
        return Fields.of(yaml, "a rule", KEYS, LATER, findings).flatMap(this::read);
    }

    private Optional<Placed> read(Fields fields) {
        Optional<String> id = fields.requiredText("id").filter(text -> isId(fields, text));
        Optional<Effect> effect = effect(fields);
        Optional<Match> match = new MatchReader(findings, tools).read(fields);
        if (id.isEmpty() || effect.isEmpty() || match.isEmpty()) return Optional.empty();
        refuseStrangers(fields, effect.get());
        List<ToolDefinition> matched = tools.matching(match.get());
        Optional<Condition> when = fields.has("when")
                ? cel.condition(fields.value("when").orElseThrow(), matched)
                : Optional.of(Condition.ALWAYS);
        Optional<Quorum> quorum = effect.get() == Effect.REQUIRE_APPROVAL
                ? new QuorumReader(findings, cel, channels).read(fields, matched)
                : Optional.empty();
        Map<String, Expression> set = set(fields, matched);
        if (when.isEmpty() || (effect.get() == Effect.REQUIRE_APPROVAL) != quorum.isPresent()) return Optional.empty();
        Duration delay = delay(fields, effect.get());
        boolean burdens = effect.get() == Effect.ALLOW || effect.get() == Effect.REQUIRE_APPROVAL;
        boolean undoable = fields.word("undo", List.of("required")).isPresent() && burdens;
        Optional<Confinement> sandbox = burdens ? sandbox(fields) : Optional.empty();
        JsonObject source = source(fields, id.get(), effect.get(), match.get(), quorum, delay, sandbox);
        return Optional.of(new Placed(
                new Rule(
                        new RuleId(id.get()),
                        effect.get(),
                        match.get(),
                        when.get(),
                        quorum,
                        set,
                        fields.text(effect.get() == Effect.CLARIFY ? "ask" : "message")
                                .orElse(""),
                        fields.scalars("instead").stream()
                                .map(Yaml.Scalar::value)
                                .toList(),
                        risk(fields),
                        delay,
                        undoable,
                        sandbox,
                        isShadow(fields),
                        source,
                        Rule.digest(source),
                        findings.file() + ':' + fields.place().line()),
                fields.value("id").orElseThrow().place(),
                findings));
    }

    private boolean isId(Fields fields, String text) {
        boolean fits = text.matches("[A-Za-z0-9][A-Za-z0-9._/-]{0,127}");
        if (!fits)
            findings.error(
                    fields.value("id").orElseThrow().place(),
                    "wrong-id",
                    "an id is at most 128 of A-Z a-z 0-9 . _ / - and begins with a letter or digit");
        return fits;
    }

    private Optional<Effect> effect(Fields fields) {
        if (fields.required("effect").isEmpty()) return Optional.empty();
        return fields.word("effect", EFFECTS).map(word -> Effect.values()[EFFECTS.indexOf(word)]);
    }

    private Risk risk(Fields fields) {
        return fields.word("risk", RISKS)
                .map(word -> Risk.values()[RISKS.indexOf(word)])
                .orElse(Risk.LOW);
    }

    /// How long what the rule permits or holds waits in the outbox before it runs.
    private Duration delay(Fields fields, Effect effect) {
        if (effect != Effect.ALLOW && effect != Effect.REQUIRE_APPROVAL) return Duration.ZERO;
        Optional<Yaml> value = fields.value("delay");
        if (value.isEmpty()) return Duration.ZERO;
        if (value.get() instanceof Yaml.Scalar scalar && scalar.value().matches(NOTHING)) {
            findings.warning(
                    value.get().place(), "no-delay", "`delay: " + scalar.value() + "` delays nothing; leave it out");
            return Duration.ZERO;
        }
        Duration delay = fields.duration("delay", LONGEST_DELAY).orElse(Duration.ZERO);
        if (delay.compareTo(LONG_DELAY) > 0)
            findings.warning(
                    value.get().place(),
                    "long-delay",
                    "`delay` is longer than " + Durations.text(LONG_DELAY) + ": sessions are seldom that old");
        return delay;
    }

    /// The profile that the rule names, with all that it says now: another profile of that name makes another rule.
    private Optional<Confinement> sandbox(Fields fields) {
        return fields.word("sandbox", profiles.keySet())
                .flatMap(name -> Optional.ofNullable(profiles.get(name)))
                .map(profile -> new Confinement(profile.name(), profile.digest()));
    }

    private boolean isShadow(Fields fields) {
        return fields.word("enforcement", List.of("enforce", "shadow"))
                .filter("shadow"::equals)
                .isPresent();
    }

    /// Keys that mean something for other effects alone would be silently without effect here.
    private void refuseStrangers(Fields fields, Effect effect) {
        for (String key : List.of("ask", "set", "approval", "message", "instead", "delay", "undo", "sandbox")) {
            boolean belongs = switch (effect) {
                case DENY -> key.equals("message") || key.equals("instead");
                case CLARIFY -> key.equals("ask");
                case REQUIRE_APPROVAL -> !key.equals("ask") && !key.equals("set");
                case MODIFY -> key.equals("set");
                case ALLOW -> key.equals("delay") || key.equals("undo") || key.equals("sandbox");
            };
            if (fields.has(key) && !belongs)
                findings.error(
                        fields.key(key),
                        "no-effect",
                        "`" + key + "` says nothing in a rule that is `" + effect.text() + "`");
        }
        if (effect == Effect.CLARIFY) fields.required("ask");
        if (effect == Effect.MODIFY) fields.required("set");
    }

    private Map<String, Expression> set(Fields fields, List<ToolDefinition> matched) {
        var set = new TreeMap<String, Expression>();
        Optional<Yaml> value = fields.value("set");
        if (value.isEmpty()) return set;
        if (!(value.get() instanceof Yaml.Mapping mapping) || mapping.entries().isEmpty()) {
            findings.error(
                    value.get().place(),
                    "wrong-type",
                    "`set` is a mapping of paths such as `args.limit` to CEL values");
            return set;
        }
        mapping.entries().forEach((path, entry) -> {
            if (!path.matches(PATH))
                findings.error(
                        entry.key(), "wrong-path", "`" + path + "` is no path of an argument such as `args.limit`");
            else if (mapping.entries().keySet().stream().anyMatch(other -> other.startsWith(path + ".")))
                findings.error(entry.key(), "wrong-path", "`" + path + "` and something in it cannot both be set");
            else cel.value(entry.value(), matched).ifPresent(expression -> set.put(path, expression));
        });
        return set;
    }

    /// The rule in one canonical form: what is left out stands there with its default, sets are sorted.
    private JsonObject source(
            Fields fields,
            String id,
            Effect effect,
            Match match,
            Optional<Quorum> quorum,
            Duration delay,
            Optional<Confinement> sandbox) {
        var source = JsonObject.with("id", id)
                .with("effect", effect.text())
                .with("match", MatchReader.source(match))
                .with("risk", risk(fields).text())
                .with("shadow", isShadow(fields));
        for (String key : List.of("when", "ask", "message"))
            if (fields.value(key).orElse(null) instanceof Yaml.Scalar scalar) source.with(key, scalar.value());
        var instead = new ArrayList<String>();
        for (Yaml.Scalar way : fields.scalars("instead")) instead.add(way.value());
        if (!instead.isEmpty()) source.with("instead", JsonArray.ofTexts(instead));
        quorum.ifPresent(asked -> source.with("approval", QuorumReader.source(asked)));
        fields.value("set").ifPresent(value -> source.with("set", value.json()));
        if (!delay.isZero()) source.with("delay", Durations.text(delay));
        if (fields.has("undo")) source.with("undo", "required");
        sandbox.ifPresent(under -> source.with("sandbox", under.json()));
        return source.build();
    }
}
