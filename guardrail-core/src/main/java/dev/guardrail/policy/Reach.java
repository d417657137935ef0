package dev.guardrail.policy;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.SessionId;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// In what other calls may differ from the one that was approved. Whatever is not named here is the same: agent, user,
/// tool and its pinned definition, every argument, the paths that the arguments name, and the sandbox
/// profile.
///
/// @param session true where it is for calls of the same session alone
/// @param vary arguments, by name, that may have any value or none
/// @param sum an argument that may differ while all of it together stays under a ceiling
public record Reach(boolean session, Set<String> vary, Optional<Sum> sum) {
    /// Digits before the point of the largest amount, and after it of the finest.
    private static final int WHOLE_DIGITS = 16;

    private static final int DECIMALS = 20;

    public Reach {
        vary = Set.copyOf(vary);
        if (sum.isPresent() && vary.contains(sum.get().argument()))
            throw new IllegalArgumentException("what may vary freely has no sum");
    }

    /// A ceiling on what an argument adds up to.
    ///
    /// @param max inclusive
    public record Sum(String argument, BigDecimal max) {}

    /// The same call again, in the same session.
    public static final Reach REPEATS = new Reach(true, Set.of(), Optional.empty());

    /// Digest of what all calls within reach have in common. Of two reaches that differ, no binding is the same.
    public Sha256 binding(DecisionRequest request, SessionId asking) {
        JsonObject all = request.action().arguments();
        JsonObject fixed = fixed(all);
        var json = JsonObject.with("agent", request.subject().agent())
                .with("user", request.subject().user())
                .with("tool", request.action().tool().toString())
                .with("definition", request.resource().tool().digest().toString())
                .with("arguments", fixed)
                .with("purpose", request.context().purpose().text())
                .with("paths", paths(request, fixed, all))
                .with("vary", JsonArray.ofTexts(new TreeSet<>(vary)))
                .with("sum", sum.map(Sum::argument));
        request.resource().confinement().ifPresent(under -> json.with("sandbox", under.json()));
        if (session) json.with("session", asking.value());
        return Sha256.of(json.build());
    }

    /// What of some arguments all calls within reach have in common.
    public JsonObject fixed(JsonObject arguments) {
        JsonObject fixed = arguments;
        for (String name : free()) fixed = fixed.without(name);
        return fixed;
    }

    /// Names of all arguments that may differ.
    public Set<String> free() {
        var names = new HashSet<>(vary);
        sum.ifPresent(cap -> names.add(cap.argument()));
        return names;
    }

    /// Facts of every path but those that stand in free arguments alone.
    private JsonArray paths(DecisionRequest request, JsonObject fixed, JsonObject all) {
        var bound = new HashSet<String>();
        texts(fixed, bound);
        var named = new HashSet<String>();
        for (String name : free()) all.get(name).ifPresent(value -> texts(value, named));
        return new JsonArray(request.resource().paths().byText().entrySet().stream()
                .filter(path -> bound.contains(path.getKey()) || !named.contains(path.getKey()))
                .<Json>map(Reach::path)
                .toList());
    }

    private static JsonObject path(Map.Entry<String, PathFact> path) {
        return JsonObject.with("text", path.getKey())
                .with("real", path.getValue().real())
                .with("content", path.getValue().content().map(Sha256::toString))
                .build();
    }

    private static void texts(Json json, Collection<String> into) {
        switch (json) {
            case JsonText(String text) -> into.add(text);
            case JsonArray(var items) -> items.forEach(item -> texts(item, into));
            case JsonObject(var members) -> members.values().forEach(member -> texts(member, into));
            case Json plain -> {}
        }
    }

    /// What a call adds to the sum: nothing where there is none.
    ///
    /// @return empty where the argument is no amount that can be added up: absent, negative, no number, or of more
    ///     digits than 16 before the point and 20 after it
    public Optional<BigDecimal> amount(JsonObject arguments) {
        return sum.isEmpty()
                ? Optional.of(BigDecimal.ZERO)
                : arguments.get(sum.get().argument()).flatMap(Reach::amount);
    }

    /// The same of one value.
    public static Optional<BigDecimal> amount(Json value) {
        if (!(value instanceof JsonNumber number) || !number.isExact()) return Optional.empty();
        BigDecimal amount = new BigDecimal(number.literal()).stripTrailingZeros();
        boolean fits = amount.signum() >= 0
                && amount.precision() - amount.scale() <= WHOLE_DIGITS
                && amount.scale() <= DECIMALS;
        if (!fits) return Optional.empty();
        return Optional.of(amount.scale() < 0 ? amount.setScale(0) : amount);
    }
}
