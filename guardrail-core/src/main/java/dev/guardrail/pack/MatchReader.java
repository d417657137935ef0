package dev.guardrail.pack;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.policy.Glob;
import dev.guardrail.policy.Match;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the `match` of a rule.
final class MatchReader {
    private static final List<String> KEYS = List.of("tools", "labels", "agents", "roles", "users");
    private static final String SERVER = "[a-z0-9_*-]{1,64}";

    private final Findings findings;
    private final KnownTools tools;

    MatchReader(Findings findings, KnownTools tools) {
        this.findings = findings;
        this.tools = tools;
    }

    /// @return empty where it says nothing that can be relied on
    Optional<Match> read(Fields rule) {
        Optional<Yaml> yaml = rule.required("match");
        if (yaml.isEmpty()) return Optional.empty();
        return Fields.of(yaml.get(), "a `match`", KEYS, findings).flatMap(this::match);
    }

    private Optional<Match> match(Fields fields) {
        if (KEYS.stream().noneMatch(fields::has)) {
            if (fields.isEmpty())
                findings.error(
                        fields.place(), "empty-match", "a `match` needs a key; every tool is `tools: [\"*.*\"]`");
            return Optional.empty();
        }
        var globs = new ArrayList<Glob>();
        List<Yaml.Scalar> patterns = fields.scalars("tools");
        for (Yaml.Scalar pattern : patterns) glob(pattern).ifPresent(globs::add);
        var match = new Match(
                globs, fields.texts("labels"), fields.texts("agents"), fields.texts("roles"), fields.texts("users"));
        // A list of which nothing is left must not come to mean everything.
        boolean emptied = fields.has("tools") && globs.isEmpty()
                || fields.has("labels") && match.labels().isEmpty()
                || fields.has("agents") && match.agents().isEmpty()
                || fields.has("roles") && match.roles().isEmpty()
                || fields.has("users") && match.users().isEmpty();
        return emptied ? Optional.empty() : Optional.of(match);
    }

    private Optional<Glob> glob(Yaml.Scalar pattern) {
        try {
            Glob glob = Glob.parse(pattern.value());
            if (!glob.server().matches(SERVER)
                    || glob.name().length() > 256
                    || glob.name().chars().anyMatch(Character::isISOControl)) {
                findings.error(
                        pattern.place(),
                        "wrong-pattern",
                        "`" + pattern.value() + "` can match no tool: a server is at most 64 of a-z 0-9 _ -");
                return Optional.empty();
            }
            warnOfStranger(glob, pattern);
            return Optional.of(glob);
        } catch (IllegalArgumentException malformed) {
            findings.error(pattern.place(), "wrong-pattern", String.valueOf(malformed.getMessage()));
            return Optional.empty();
        }
    }

    /// A plain name that a known server does not have is probably mistyped.
    private void warnOfStranger(Glob glob, Yaml.Scalar pattern) {
        String name = glob.toString();
        if (name.indexOf('*') >= 0 || glob.name().startsWith(Glob.MCP) || tools.has(name)) return;
        List<String> known = tools.of(glob.server());
        if (!known.isEmpty())
            findings.warning(
                    pattern.place(), "unknown-tool", "no known tool is `" + name + "`" + Suggestion.of(name, known));
    }

    static JsonObject source(Match match) {
        var source = JsonObject.builder();
        var sets = Map.<String, Collection<String>>of(
                "tools", match.tools().stream().map(Glob::toString).toList(),
                "labels", match.labels(),
                "agents", match.agents(),
                "roles", match.roles(),
                "users", match.users());
        for (String key : KEYS) {
            Collection<String> values = sets.getOrDefault(key, List.of());
            if (!values.isEmpty())
                source.with(
                        key,
                        JsonArray.ofTexts(values.stream().distinct().sorted().toList()));
        }
        return source.build();
    }
}
