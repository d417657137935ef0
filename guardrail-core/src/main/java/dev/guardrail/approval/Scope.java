package dev.guardrail.approval;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.pack.Durations;
import dev.guardrail.policy.Reach;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// How far an approval is meant to reach beyond its one call, as approvers ask for it: for which calls, how long, and
/// how many of them.
///
/// @param life from the last vote on
/// @param calls that may run under it, the approved one among them; of a planned call, how often it may run
public record Scope(Reach reach, Duration life, int calls) {
    /// Calls where a scope says nothing.
    public static final int CALLS = 20;

    private static final int MOST_CALLS = 1_000;
    private static final int MOST_NAMES = 32;
    private static final int LONGEST_NAME = 128;
    private static final Set<String> KEYS = Set.of("session", "agent", "for", "calls", "vary", "sum");

    /// Reads `{"session": true, "for": "8h", "calls": 20, "vary": ["body"], "sum": {"argument": "amount", "max":
    /// 500}}`;
    /// `"agent": true` stands in the place of `session`.
    ///
    /// @throws MalformedJson where it is something else
    public static Scope parse(JsonObject json) {
        for (String key : json.members().keySet())
            if (!KEYS.contains(key)) throw new MalformedJson("`scope` has no `" + key + "`");
        boolean agent = isSaid(json, "agent");
        boolean session = isSaid(json, "session");
        if (agent && session) throw new MalformedJson("`scope` is for the `session` or for the `agent`, not for both");
        Duration life = json.text("for")
                .flatMap(Durations::parse)
                .orElseThrow(() -> new MalformedJson("`scope.for` is a span of time such as `8h`"));
        return new Scope(reach(json, !agent), life, calls(json));
    }

    /// How far a planned call reaches that says `times`, `vary` and `sum` as a scope says `calls`, `vary` and `sum`:
    /// within its session, and once where it says nothing.
    ///
    /// @throws MalformedJson where they are something else
    static Scope planned(JsonObject step, Duration life) {
        long times = step.has("times") ? step.integer("times").orElse(0) : 1;
        if (times < 1 || times > MOST_CALLS)
            throw new MalformedJson("`times` is a whole number from 1 to " + MOST_CALLS);
        return new Scope(reach(step, true), life, (int) times);
    }

    /// Reads what [#json] wrote.
    static Scope stored(JsonObject json) {
        Duration life = json.text("for").flatMap(Durations::parse).orElseThrow();
        return new Scope(
                reach(json, json.isTrue("session")),
                life,
                Math.toIntExact(json.integer("calls").orElseThrow()));
    }

    private static boolean isSaid(JsonObject json, String name) {
        Optional<Json> said = json.get(name);
        if (said.isPresent() && said.get() != JsonBoolean.TRUE)
            throw new MalformedJson("`scope." + name + "` is `true`, or left out");
        return said.isPresent();
    }

    private static int calls(JsonObject json) {
        if (!json.has("calls")) return CALLS;
        long calls = json.integer("calls").orElse(0);
        if (calls < 2 || calls > MOST_CALLS)
            throw new MalformedJson(
                    "`scope.calls` is a whole number from 2, as the approved call is one, to " + MOST_CALLS);
        return (int) calls;
    }

    private static Reach reach(JsonObject json, boolean session) {
        var vary = new HashSet<String>();
        if (json.has("vary")) {
            JsonArray names = json.array("vary").orElseThrow(() -> new MalformedJson("`vary` is a list of names"));
            for (Json name : names.items())
                vary.add(name(name instanceof JsonText(String text) ? Optional.of(text) : Optional.empty(), "vary"));
            if (names.items().size() > MOST_NAMES)
                throw new MalformedJson("`vary` has at most " + MOST_NAMES + " names");
        }
        Optional<Reach.Sum> sum = json.has("sum") ? Optional.of(sum(json)) : Optional.empty();
        if (sum.filter(cap -> vary.contains(cap.argument())).isPresent())
            throw new MalformedJson("what is in `vary` may be anything, so that it has no `sum`");
        return new Reach(session, vary, sum);
    }

    private static Reach.Sum sum(JsonObject json) {
        JsonObject sum = json.object("sum").orElse(JsonObject.EMPTY);
        if (!sum.members().keySet().equals(Set.of("argument", "max")))
            throw new MalformedJson("`sum` is `{\"argument\": …, \"max\": …}`");
        return new Reach.Sum(
                name(sum.text("argument"), "sum.argument"),
                sum.get("max")
                        .flatMap(Reach::amount)
                        .orElseThrow(() -> new MalformedJson("`sum.max` is a number that is not negative")));
    }

    private static String name(Optional<String> text, String where) {
        return text.filter(name -> !name.isEmpty() && name.length() <= LONGEST_NAME)
                .orElseThrow(() -> new MalformedJson(
                        "`" + where + "` names arguments by texts of 1 to " + LONGEST_NAME + " characters"));
    }

    /// In its one form, whatever it was written like.
    public JsonObject json() {
        var json = JsonObject.builder()
                .with(reach.session() ? "session" : "agent", true)
                .with("for", Durations.text(life))
                .with("calls", calls);
        if (!reach.vary().isEmpty()) json.with("vary", JsonArray.ofTexts(new TreeSet<>(reach.vary())));
        reach.sum()
                .ifPresent(cap -> json.with(
                        "sum",
                        JsonObject.with("argument", cap.argument())
                                .with("max", new JsonNumber(cap.max().toPlainString()))
                                .build()));
        return json.build();
    }

    /// What all who vote for it have voted for.
    public Sha256 digest() {
        return Sha256.of(json());
    }
}
