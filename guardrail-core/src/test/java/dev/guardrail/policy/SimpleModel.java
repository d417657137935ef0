package dev.guardrail.policy;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Section 3 of the contract, sentence by sentence, with no thought of speed. It was written before the decision
/// point and shares with it nothing but the types of rules and conditions: no index, no matching, no ordering.
final class SimpleModel {

    /// What a layer says, weakest first; the strictest layer wins.
    enum Say {
        NOTHING,
        ALLOW,
        HOLD,
        CLARIFY,
        DENY
    }

    /// The model's answer: what is said, by which rules, and whether a fault alone said it.
    record Answer(Say say, TreeSet<String> rules, boolean guardError) {}

    private final PolicySet policies;

    SimpleModel(PolicySet policies) {
        this.policies = policies;
    }

    Answer decide(Facts facts, Collection<Grant> grants) {
        var denying = new TreeSet<String>();
        var failing = new TreeSet<String>();
        var clarifying = new TreeSet<String>();
        var holding = new TreeSet<String>();
        var permitting = new TreeSet<String>();
        Say strictest = Say.NOTHING;
        for (String layer : layers()) {
            var rules = rules(layer)
                    .filter(rule -> !rule.shadow() && applies(rule.match(), facts.request()))
                    .toList();
            denying.addAll(ids(rules, facts, Effect.DENY, Truth.TRUE));
            failing.addAll(ids(rules, facts, Effect.DENY, Truth.ERROR));
            failing.addAll(ids(rules, facts, Effect.CLARIFY, Truth.ERROR));
            clarifying.addAll(ids(rules, facts, Effect.CLARIFY, Truth.TRUE));
            var open = open(rules, facts, grants);
            holding.addAll(open);
            permitting.addAll(ids(rules, facts, Effect.ALLOW, Truth.TRUE));
            permitting.addAll(ids(rules, facts, Effect.REQUIRE_APPROVAL, Truth.TRUE));
            Say said = layer(rules, facts, open, abstains(layer));
            if (said.ordinal() > strictest.ordinal()) strictest = said;
        }
        permitting.removeAll(holding);
        return switch (strictest) {
            case NOTHING -> new Answer(Say.DENY, new TreeSet<>(), false);
            case ALLOW -> new Answer(Say.ALLOW, permitting, false);
            case HOLD -> new Answer(Say.HOLD, holding, false);
            case CLARIFY -> new Answer(Say.CLARIFY, clarifying, false);
            case DENY ->
                denying.isEmpty()
                        ? new Answer(Say.DENY, failing, !failing.isEmpty())
                        : new Answer(Say.DENY, denying, false);
        };
    }

    /// One layer by itself: deny, then clarify, then require_approval, then allow; else its default.
    private static Say layer(List<Rule> rules, Facts facts, TreeSet<String> open, boolean abstains) {
        if (!ids(rules, facts, Effect.DENY, Truth.TRUE).isEmpty()) return Say.DENY;
        if (!ids(rules, facts, Effect.DENY, Truth.ERROR).isEmpty()) return Say.DENY;
        if (!ids(rules, facts, Effect.CLARIFY, Truth.ERROR).isEmpty()) return Say.DENY;
        if (!ids(rules, facts, Effect.CLARIFY, Truth.TRUE).isEmpty()) return Say.CLARIFY;
        boolean trueAllow = !ids(rules, facts, Effect.ALLOW, Truth.TRUE).isEmpty();
        boolean trueHold =
                !ids(rules, facts, Effect.REQUIRE_APPROVAL, Truth.TRUE).isEmpty();
        boolean failedHold =
                !ids(rules, facts, Effect.REQUIRE_APPROVAL, Truth.ERROR).isEmpty();
        if (!trueAllow && !trueHold && !failedHold) return abstains ? Say.NOTHING : Say.DENY;
        if (!trueAllow && !trueHold) return Say.DENY;
        return open.isEmpty() ? Say.ALLOW : Say.HOLD;
    }

    /// Holds, true or failing, that no grant answers.
    private static TreeSet<String> open(List<Rule> rules, Facts facts, Collection<Grant> grants) {
        var open = ids(rules, facts, Effect.REQUIRE_APPROVAL, Truth.TRUE);
        open.addAll(ids(rules, facts, Effect.REQUIRE_APPROVAL, Truth.ERROR));
        if (open.isEmpty() || grants.isEmpty()) return open;
        Sha256 asked = facts.request().fingerprint();
        for (Rule rule : rules)
            for (Grant grant : grants)
                if (isAnswer(grant, rule, facts, asked)) open.remove(rule.id().value());
        return open;
    }

    /// True where a grant answers a rule, by what the grants were drawn from.
    static boolean isAnswer(Grant grant, Rule rule, Facts facts, Sha256 asked) {
        var now = facts.request().context().time();
        return switch (grant) {
            case ExactGrant exact ->
                exact.fingerprint().equals(asked)
                        && now.compareTo(exact.lapses()) < 0
                        && exact.answers().contains(rule.digest());
            case StandingGrant standing ->
                standing.id().startsWith(dev.guardrail.testing.Gen.FITS)
                        && now.compareTo(standing.lapses()) < 0
                        && standing.answers().contains(rule.digest());
        };
    }

    /// New arguments, or empty where modify rules fail or contradict each other; the same ones where none applies.
    Optional<JsonObject> amend(Facts facts) {
        var values = new TreeMap<String, Json>();
        for (String layer : layers()) {
            for (Rule rule : rules(layer).toList()) {
                if (rule.shadow() || rule.effect() != Effect.MODIFY) continue;
                if (!applies(rule.match(), facts.request())) continue;
                if (rule.when().test(facts) == Truth.ERROR) return Optional.empty();
                if (rule.when().test(facts) == Truth.FALSE) continue;
                for (var entry : rule.set().entrySet()) {
                    var value = entry.getValue().evaluate(facts);
                    if (value.isEmpty()) return Optional.empty();
                    for (var other : values.entrySet()) {
                        boolean same = other.getKey().equals(entry.getKey());
                        if (same && !other.getValue().equals(value.get())) return Optional.empty();
                        if (other.getKey().startsWith(entry.getKey() + ".")) return Optional.empty();
                        if (entry.getKey().startsWith(other.getKey() + ".")) return Optional.empty();
                    }
                    values.put(entry.getKey(), value.get());
                }
            }
        }
        JsonObject arguments = facts.request().action().arguments();
        for (var entry : values.entrySet()) {
            var changed = with(
                    arguments,
                    List.of(entry.getKey().substring("args.".length()).split("\\.")),
                    entry.getValue());
            if (changed.isEmpty()) return Optional.empty();
            arguments = changed.get();
        }
        return Optional.of(arguments);
    }

    private static Optional<JsonObject> with(JsonObject object, List<String> path, Json value) {
        if (path.size() == 1) return Optional.of(object.set(path.getFirst(), value));
        Json inner = object.get(path.getFirst()).orElse(JsonObject.EMPTY);
        if (!(inner instanceof JsonObject below)) return Optional.empty();
        return with(below, path.subList(1, path.size()), value).map(changed -> object.set(path.getFirst(), changed));
    }

    private List<String> layers() {
        return policies.layers().stream().map(Layer::name).distinct().toList();
    }

    private Stream<Rule> rules(String layer) {
        return policies.layers().stream().filter(l -> l.name().equals(layer)).flatMap(l -> l.rules().stream());
    }

    private boolean abstains(String layer) {
        return policies.layers().stream().filter(l -> l.name().equals(layer)).allMatch(Layer::abstains);
    }

    private static TreeSet<String> ids(List<Rule> rules, Facts facts, Effect effect, Truth truth) {
        var ids = new TreeSet<String>();
        for (Rule rule : rules)
            if (rule.effect() == effect && rule.when().test(facts) == truth)
                ids.add(rule.id().value());
        return ids;
    }

    /// Keys AND, values OR; only patterns that say `mcp:` match MCP requests that are no tool calls.
    static boolean applies(Match match, DecisionRequest request) {
        var tool = request.resource().tool();
        boolean mcp = tool.name().name().startsWith("mcp:");
        var keys = new ArrayList<Boolean>();
        if (match.tools().isEmpty()) keys.add(!mcp);
        else
            keys.add(match.tools().stream()
                    .anyMatch(glob -> glob.name().startsWith("mcp:") == mcp
                            && like(glob.server(), tool.name().server())
                            && like(glob.name(), tool.name().name())));
        if (!match.labels().isEmpty()) keys.add(match.labels().stream().anyMatch(tool.labels()::contains));
        if (!match.agents().isEmpty())
            keys.add(match.agents().contains(request.subject().agent()));
        if (!match.roles().isEmpty())
            keys.add(match.roles().stream().anyMatch(request.subject().roles()::contains));
        if (!match.users().isEmpty()) keys.add(request.subject().user().stream().anyMatch(match.users()::contains));
        return !keys.contains(false);
    }

    private static final Map<String, Pattern> PATTERNS = new java.util.concurrent.ConcurrentHashMap<>();

    private static boolean like(String glob, String text) {
        return PATTERNS.computeIfAbsent(
                        glob,
                        unknown -> Pattern.compile(
                                Stream.of(unknown.split("\\*", -1))
                                        .map(Pattern::quote)
                                        .collect(java.util.stream.Collectors.joining(".*")),
                                Pattern.DOTALL))
                .matcher(text)
                .matches();
    }
}
