package dev.guardrail.testing;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Action;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Resource;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Expression;
import dev.guardrail.condition.Facts;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.ExactGrant;
import dev.guardrail.policy.Grant;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.policy.Reach;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.StandingGrant;
import dev.guardrail.session.PastCall;
import dev.guardrail.session.SessionView;
import dev.guardrail.session.Trajectory;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Seeded generators: one seed, one world. The worlds are small on purpose, so that rules, calls and grants meet.
public final class Gen {
    private static final CelConditions CEL = new CelConditions();
    private static final List<ToolDefinition> TOOLS = List.of(
            Calls.tool("files.read"),
            Calls.tool("files.write", "fs-write"),
            Calls.tool("mail.send", "network-write"),
            Calls.tool("files.mcp:resources/read"));
    private static final List<String> GLOBS =
            List.of("*.*", "*.*", "*.*", "files.*", "*.read", "files.write", "files.read", "mail.s*d", "*.mcp:*");
    private static final List<String> LAYERS = List.of("main", "security", "team");
    private static final Map<String, Condition> CONDITIONS = conditions(
            "args.n == 1",
            "args.n > 1",
            "args.n != 1",
            "!has(args.n)",
            "args.t == \"x\"",
            "args.t == \"x\" || args.n == 2",
            "args.missing == 1",
            "\"web\" in session.taints",
            "session.calls.exists(c, c.tool == \"files.read\" && c.ok)",
            "agent.name == \"coder\"");
    private static final List<String> SOURCES = List.copyOf(CONDITIONS.keySet());
    private static final Map<String, Expression> VALUES =
            values("1", "2", "args.n", "args.n + 1", "\"x\"", "args.missing");
    private static final List<String> VALUE_SOURCES = List.copyOf(VALUES.keySet());
    private static final List<String> PATHS = List.of("args.n", "args.t", "args.deep", "args.deep.k", "args.t.k");

    private final SplittableRandom random;
    private int rules;

    private Gen(long seed) {
        // Neighbouring seeds must give unlike worlds.
        this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
    }

    public static Gen seeded(long seed) {
        return new Gen(seed);
    }

    public boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    public int number(int bound) {
        return random.nextInt(bound);
    }

    public <T> T oneOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    public <T> List<T> shuffled(Collection<T> some) {
        var list = new ArrayList<T>(some);
        for (int i = list.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            T moved = list.set(i, list.get(j));
            list.set(j, moved);
        }
        return list;
    }

    public Subject subject() {
        return new Subject(
                oneOf(List.of("coder", "coder", "clerk")),
                chance(2) ? Set.of("developer") : Set.of("developer", "lead"),
                chance(4) ? Optional.empty() : Optional.of(oneOf(List.of("ann", "bob"))));
    }

    public JsonObject arguments() {
        var arguments = JsonObject.builder();
        if (!chance(3)) arguments.with("n", JsonNumber.of(1 + random.nextInt(3)));
        if (!chance(3)) arguments.with("t", new JsonText(chance(2) ? "x" : "y"));
        if (chance(4))
            arguments.with("deep", JsonObject.with("k", JsonNumber.of(1)).build());
        return arguments.build();
    }

    public DecisionRequest request() {
        return Calls.request(oneOf(TOOLS), subject(), arguments());
    }

    public SessionView session() {
        Trajectory calls = Trajectory.EMPTY;
        if (chance(2))
            calls = calls.and(
                    new PastCall(TOOLS.getFirst().name(), JsonObject.EMPTY, chance(2), Calls.NOON.minusSeconds(60)));
        return new SessionView(
                new SessionId("ses_1"),
                "",
                false,
                chance(2) ? Set.of("web") : Set.of(),
                Set.of(),
                chance(2) ? 0 : 3,
                new Trajectory(calls.calls(), !chance(4)),
                List.of(),
                1);
    }

    public Facts facts() {
        return new Facts(request(), session());
    }

    public String layer() {
        return oneOf(LAYERS);
    }

    public Rule rule() {
        return rule(chance(6) ? Effect.REQUIRE_APPROVAL : oneOf(List.of(Effect.values())));
    }

    /// A rule that may match or not, hold or not.
    public Rule rule(Effect effect) {
        var draft = draft(effect);
        var globs = new ArrayList<String>();
        for (int i = random.nextInt(3); i >= 0; i--) globs.add(oneOf(GLOBS));
        if (chance(8)) draft.labels("fs-write", "network-write");
        else draft.on(globs.toArray(String[]::new));
        if (chance(6)) draft.agents(oneOf(List.of("coder", "clerk")));
        if (chance(6)) draft.roles(oneOf(List.of("developer", "lead")));
        if (chance(6)) draft.users(oneOf(List.of("ann", "bob")));
        if (chance(12)) draft.shadow();
        if (!chance(5)) when(draft, oneOf(SOURCES));
        return draft.rule();
    }

    /// A rule that matches every call of a tool, with a condition or none.
    public Rule matching(Effect effect) {
        var draft = draft(effect).on("*.*", "*.mcp:*");
        if (!chance(4)) when(draft, oneOf(SOURCES));
        return draft.rule();
    }

    /// A rule that matches every call and is satisfied by it.
    public Rule satisfied(Effect effect) {
        return draft(effect).on("*.*", "*.mcp:*").rule();
    }

    private static void when(RuleDraft draft, String source) {
        draft.when(CONDITIONS.get(source), source);
    }

    private RuleDraft draft(Effect effect) {
        var draft = RuleDraft.of("r" + rules++, effect);
        if (effect == Effect.MODIFY) {
            for (int i = random.nextInt(2); i >= 0; i--) {
                // Most modify rules must get on with each other, or nothing is ever changed.
                String path = oneOf(chance(3) ? PATHS : PATHS.subList(0, 2));
                draft.set(path, VALUES.get(oneOf(chance(3) ? VALUE_SOURCES : VALUE_SOURCES.subList(0, 1))));
            }
        }
        if (effect == Effect.DENY && chance(2)) draft.text("No " + rules + ".");
        if (effect == Effect.DENY && chance(3)) draft.instead("Do " + rules + ".");
        if (effect == Effect.CLARIFY) draft.text("Which " + rules + "?");
        return draft;
    }

    /// One to three layers of up to five rules each; the first is `main`.
    public PolicySet policies() {
        var layers = new ArrayList<Layer>();
        for (String name : LAYERS.subList(0, 1 + random.nextInt(LAYERS.size()))) {
            var some = new ArrayList<Rule>();
            for (int i = random.nextInt(6); i > 0; i--) some.add(chance(3) ? rule(Effect.ALLOW) : rule());
            layers.add(new Layer(name, name.equals("main") ? chance(4) : !chance(4), some));
        }
        return policies(layers);
    }

    public static PolicySet policies(List<Layer> layers) {
        return new PolicySet(layers, Sha256.of(new byte[0]));
    }

    /// The same policies with one rule more.
    ///
    /// @param layer made where there is none of this name, abstaining unless it is `main`
    public PolicySet with(PolicySet policies, String layer, Rule rule) {
        var layers = new ArrayList<Layer>();
        boolean found = false;
        for (Layer each : policies.layers()) {
            if (!each.name().equals(layer)) {
                layers.add(each);
                continue;
            }
            found = true;
            var more = new ArrayList<>(each.rules());
            more.add(random.nextInt(more.size() + 1), rule);
            layers.add(new Layer(layer, each.abstains(), more));
        }
        if (!found) layers.add(new Layer(layer, !layer.equals("main"), List.of(rule)));
        return policies(layers);
    }

    /// None to three grants; each answers some holds or all, and may be for another call or lapsed.
    public List<Grant> grants(Facts facts, PolicySet policies) {
        var grants = new ArrayList<Grant>();
        for (int i = chance(2) ? 0 : 1 + random.nextInt(3); i > 0; i--) grants.add(grant(facts, policies));
        return grants;
    }

    private Grant grant(Facts facts, PolicySet policies) {
        var answers = new HashSet<Sha256>();
        boolean all = chance(2);
        for (Layer layer : policies.layers())
            for (Rule rule : layer.rules())
                if (rule.effect() == Effect.REQUIRE_APPROVAL && (all || chance(2))) answers.add(rule.digest());
        boolean lapsed = chance(6);
        // A grant answers nothing from its end on, to the instant.
        var lapses = lapsed ? Calls.NOON.minusSeconds(random.nextInt(2)) : Calls.NOON.plusNanos(1);
        if (chance(2)) return standing(facts, answers, lapses);
        return new ExactGrant(
                "grt_" + random.nextInt(1_000),
                chance(6) ? Sha256.of(new byte[] {1}) : facts.request().fingerprint(),
                answers,
                lapses);
    }

    /// What the id of a standing grant says that is for the call which it was drawn for.
    public static final String FITS = "grt_fits_";

    /// A standing grant whose approved call differs from the one at hand here and there. Whether it is for that call
    /// all the same is worked out from the differences, and written into its id.
    private Grant standing(Facts facts, Set<Sha256> answers, Instant lapses) {
        var vary = new HashSet<String>();
        if (chance(2)) vary.add("t");
        if (chance(4)) vary.add("n");
        Optional<Reach.Sum> sum = vary.contains("n") || chance(2)
                ? Optional.empty()
                : Optional.of(new Reach.Sum("n", BigDecimal.valueOf(1 + random.nextInt(3))));
        var reach = new Reach(chance(2), vary, sum);
        boolean fits = true;
        var request = facts.request();
        JsonObject arguments = request.action().arguments();
        if (chance(3)) {
            arguments = other(arguments, "t");
            fits &= vary.contains("t");
        }
        if (chance(3)) {
            arguments = other(arguments, "n");
            fits &= vary.contains("n") || sum.isPresent();
        }
        if (chance(10)) {
            arguments = other(arguments, "deep");
            fits = false;
        }
        Subject subject = request.subject();
        if (chance(10)) {
            subject = new Subject(subject.agent() + "2", subject.roles(), subject.user());
            fits = false;
        }
        if (chance(10)) {
            subject = new Subject(subject.agent(), subject.roles(), Optional.of("eve"));
            fits = false;
        }
        ToolDefinition tool = request.resource().tool();
        if (chance(10)) {
            tool = Calls.tool("other." + tool.name().name());
            fits = false;
        }
        var session = facts.session().id();
        if (chance(4)) {
            session = new SessionId("ses_2");
            fits &= !reach.session();
        }
        Optional<BigDecimal> left = sum.map(cap -> cap.max().subtract(BigDecimal.valueOf(random.nextInt(2))));
        if (left.isPresent()) {
            var n = facts.request().action().arguments().integer("n");
            fits &= n.isPresent() && BigDecimal.valueOf(n.getAsLong()).compareTo(left.get()) <= 0;
        }
        var approved = new DecisionRequest(
                request.call(),
                subject,
                new Action(tool.name(), arguments),
                new Resource(tool, request.resource().paths()),
                request.context());
        return new StandingGrant(
                (fits ? FITS : "grt_not_") + random.nextInt(1_000),
                reach,
                reach.binding(approved, session),
                answers,
                left,
                lapses);
    }

    /// The same arguments with another value of one.
    private JsonObject other(JsonObject arguments, String name) {
        if (arguments.has(name) && chance(2)) return arguments.without(name);
        return arguments.set(name, new JsonText("something else " + random.nextInt(10)));
    }

    private static Map<String, Condition> conditions(String... sources) {
        var conditions = new TreeMap<String, Condition>();
        for (String source : sources)
            conditions.put(
                    source,
                    CEL.compile(source, List.of()).condition().orElseThrow(() -> new IllegalStateException(source)));
        return conditions;
    }

    private static Map<String, Expression> values(String... sources) {
        var values = new TreeMap<String, Expression>();
        for (String source : sources)
            values.put(
                    source,
                    CEL.compileValue(source, List.of())
                            .expression()
                            .orElseThrow(() -> new IllegalStateException(source)));
        return values;
    }
}
