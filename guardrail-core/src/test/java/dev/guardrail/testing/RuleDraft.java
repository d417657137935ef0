package dev.guardrail.testing;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.Risk;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Expression;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Glob;
import dev.guardrail.policy.Match;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A rule under construction, for tests: `RuleDraft.allow("reads").on("files.*").rule()`.
public final class RuleDraft {
    private final String id;
    private final Effect effect;
    private List<Glob> tools = List.of();
    private Set<String> labels = Set.of();
    private Set<String> agents = Set.of();
    private Set<String> roles = Set.of();
    private Set<String> users = Set.of();
    private Condition when = Condition.ALWAYS;
    private String whenSource = "";
    private Quorum quorum = Quorum.DEFAULT;
    private final Map<String, Expression> set = new LinkedHashMap<>();
    private String text = "";
    private List<String> instead = List.of();
    private Duration delay = Duration.ZERO;
    private boolean undoable;
    private Optional<Confinement> sandbox = Optional.empty();
    private boolean shadow;

    private RuleDraft(String id, Effect effect) {
        this.id = id;
        this.effect = effect;
    }

    public static RuleDraft of(String id, Effect effect) {
        return new RuleDraft(id, effect);
    }

    public static RuleDraft deny(String id) {
        return of(id, Effect.DENY);
    }

    public static RuleDraft clarify(String id) {
        return of(id, Effect.CLARIFY);
    }

    public static RuleDraft hold(String id) {
        return of(id, Effect.REQUIRE_APPROVAL);
    }

    public static RuleDraft modify(String id) {
        return of(id, Effect.MODIFY);
    }

    public static RuleDraft allow(String id) {
        return of(id, Effect.ALLOW);
    }

    public RuleDraft on(String... globs) {
        tools = List.of(globs).stream().map(Glob::parse).toList();
        return this;
    }

    public RuleDraft labels(String... some) {
        labels = Set.of(some);
        return this;
    }

    public RuleDraft agents(String... some) {
        agents = Set.of(some);
        return this;
    }

    public RuleDraft roles(String... some) {
        roles = Set.of(some);
        return this;
    }

    public RuleDraft users(String... some) {
        users = Set.of(some);
        return this;
    }

    /// @param source tells rules apart that differ in their condition alone
    public RuleDraft when(Condition condition, String source) {
        when = condition;
        whenSource = source;
        return this;
    }

    public RuleDraft quorum(Quorum some) {
        quorum = some;
        return this;
    }

    public RuleDraft set(String path, Expression value) {
        set.put(path, value);
        return this;
    }

    public RuleDraft text(String words) {
        text = words;
        return this;
    }

    public RuleDraft instead(String... ways) {
        instead = List.of(ways);
        return this;
    }

    public RuleDraft delay(Duration time) {
        delay = time;
        return this;
    }

    public RuleDraft undoable() {
        undoable = true;
        return this;
    }

    public RuleDraft sandbox(String profile) {
        sandbox = Optional.of(new Confinement(profile, Sha256.of(new JsonText(profile))));
        return this;
    }

    public RuleDraft shadow() {
        shadow = true;
        return this;
    }

    private static java.util.TreeSet<String> sorted(Set<String> words) {
        return new java.util.TreeSet<>(words);
    }

    public Rule rule() {
        var match = new Match(tools, labels, agents, roles, users);
        var source = JsonObject.with("id", id)
                .with("effect", effect.text())
                .with("match", match.tools() + " " + sorted(labels) + sorted(agents) + sorted(roles) + sorted(users))
                .with("text", text)
                .with("when", whenSource)
                .with("shadow", shadow)
                .with("undoable", undoable)
                .with("sandbox", sandbox.map(under -> under.json().toString()))
                .with("delay", delay.isZero() ? Optional.<String>empty() : Optional.of(delay.toString()))
                .build();
        return new Rule(
                new RuleId(id),
                effect,
                match,
                when,
                effect == Effect.REQUIRE_APPROVAL ? Optional.of(quorum) : Optional.empty(),
                set,
                text,
                instead,
                Risk.LOW,
                delay,
                undoable,
                sandbox,
                shadow,
                source,
                Rule.digest(source),
                "test:1");
    }
}
