package dev.guardrail.server.door.authzen;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Several evaluations in one request: what they share stands at the top, and each replaces of it what it says itself.
///
/// @param items evaluations, each completed from the top; empty where one is no object
record Batch(List<Optional<JsonObject>> items, Until until) {
    /// Most evaluations of one request.
    static final int MOST = 100;

    private static final List<String> SHARED = List.of("subject", "action", "resource", "context");
    private static final List<String> IDENTIFIERS = List.of("type", "id", "name");

    public Batch {
        items = List.copyOf(items);
    }

    /// Where it ends before its last evaluation.
    enum Until {
        EXECUTE_ALL,
        DENY_ON_FIRST_DENY,
        PERMIT_ON_FIRST_PERMIT;

        String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        boolean isReached(boolean permitted) {
            return switch (this) {
                case EXECUTE_ALL -> false;
                case DENY_ON_FIRST_DENY -> !permitted;
                case PERMIT_ON_FIRST_PERMIT -> permitted;
            };
        }
    }

    /// @return empty where there are no evaluations: the request is then a single one
    /// @throws MalformedJson where the request as a whole is none
    static Optional<Batch> of(JsonObject body) {
        Optional<Json> evaluations = body.get("evaluations");
        Until until = until(body);
        if (evaluations.isEmpty()) return Optional.empty();
        var array = body.array("evaluations").orElseThrow(() -> new MalformedJson("`evaluations` is an array"));
        if (array.items().size() > MOST)
            throw new MalformedJson("`evaluations` has " + array.items().size() + " items where " + MOST
                    + " are allowed; send several requests");
        if (array.items().isEmpty()) return Optional.empty();
        for (String name : SHARED) Question.object(body, name);
        var items = new ArrayList<Optional<JsonObject>>();
        for (Json item : array.items())
            items.add(item instanceof JsonObject object ? Optional.of(completed(body, object)) : Optional.empty());
        return Optional.of(new Batch(items, until));
    }

    private static Until until(JsonObject body) {
        Optional<String> named =
                Question.object(body, "options").flatMap(options -> Question.text(options, "evaluations_semantic"));
        if (named.isEmpty()) return Until.EXECUTE_ALL;
        return Arrays.stream(Until.values())
                .filter(each -> each.text().equals(named.get()))
                .findFirst()
                .orElseThrow(() -> new MalformedJson("`evaluations_semantic` is one of "
                        + Arrays.stream(Until.values()).map(Until::text).collect(Collectors.joining(", "))));
    }

    /// An entity replaces the shared one whole; only what names it is taken from there where it is missing.
    private static JsonObject completed(JsonObject shared, JsonObject item) {
        JsonObject whole = item;
        for (String name : SHARED) {
            Optional<Json> own = item.get(name);
            Optional<Json> general = shared.get(name);
            if (general.isEmpty()) continue;
            if (own.isEmpty()) whole = whole.set(name, general.get());
            else if (!name.equals("context")
                    && own.get() instanceof JsonObject entity
                    && general.get() instanceof JsonObject from) whole = whole.set(name, named(entity, from));
        }
        return whole;
    }

    private static JsonObject named(JsonObject entity, JsonObject from) {
        JsonObject named = entity;
        for (String identifier : IDENTIFIERS)
            if (!named.has(identifier) && from.has(identifier))
                named = named.set(identifier, from.get(identifier).orElseThrow());
        return named;
    }

    /// The answers in order, up to the one that settles it.
    List<Json> answered(Function<JsonObject, JsonObject> one) {
        var answers = new ArrayList<Json>();
        for (Optional<JsonObject> item : items) {
            JsonObject answer = item.map(one).orElseGet(() -> Decisions.failed(400, "an evaluation is an object"));
            answers.add(answer);
            if (until.isReached(answer.isTrue("decision"))) break;
        }
        return answers;
    }
}
