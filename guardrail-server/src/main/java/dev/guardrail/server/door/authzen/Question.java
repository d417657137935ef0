package dev.guardrail.server.door.authzen;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.MalformedJson;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One evaluation as it is asked: may this subject do this to that resource?
///
/// @param context what surrounds it; empty where it was left out
record Question(Entity subject, Action action, Entity resource, JsonObject context) {
    /// Members of the context that are the interface's own, and members that differ from one asking to the next. None
    /// is an argument of the call: policy does not see them, and an approval does not bind them.
    private static final Set<String> OWN = Set.of(
            "agent",
            "session",
            "approval",
            "reason",
            "time",
            "callId",
            "evaluation_id",
            "evaluated_at",
            "access_request",
            "obligations_supported");

    /// A subject or a resource.
    record Entity(String type, String id, Optional<JsonObject> properties) {}

    /// What would be done.
    record Action(String name, Optional<JsonObject> properties) {}

    /// @throws MalformedJson where a member is missing or is of another type
    static Question of(JsonObject body) {
        return new Question(
                entity(body, "subject"),
                action(body),
                entity(body, "resource"),
                object(body, "context").orElse(JsonObject.EMPTY));
    }

    private static Entity entity(JsonObject body, String name) {
        JsonObject json = object(body, name).orElseThrow(() -> missing(name));
        return new Entity(required(json, name, "type"), required(json, name, "id"), object(json, "properties"));
    }

    private static Action action(JsonObject body) {
        JsonObject json = object(body, "action").orElseThrow(() -> missing("action"));
        return new Action(required(json, "action", "name"), object(json, "properties"));
    }

    private static String required(JsonObject json, String entity, String member) {
        return text(json, member).filter(value -> !value.isEmpty()).orElseThrow(() -> missing(entity + "." + member));
    }

    private static MalformedJson missing(String name) {
        return new MalformedJson("the request needs `" + name + "`");
    }

    /// @throws MalformedJson where the member is something else than an object
    static Optional<JsonObject> object(JsonObject json, String name) {
        Optional<Json> member = json.get(name);
        if (member.isEmpty()) return Optional.empty();
        if (member.get() instanceof JsonObject object) return Optional.of(object);
        throw new MalformedJson("`" + name + "` is an object");
    }

    /// @throws MalformedJson where the member is something else than a text
    static Optional<String> text(JsonObject json, String name) {
        Optional<Json> member = json.get(name);
        if (member.isEmpty()) return Optional.empty();
        if (member.get() instanceof JsonText(String value)) return Optional.of(value);
        throw new MalformedJson("`" + name + "` is a text");
    }

    /// Names of the context's members that belong to the call.
    List<String> said() {
        return context.members().keySet().stream()
                .filter(name -> !OWN.contains(name))
                .toList();
    }

    /// The context as policy sees it.
    JsonObject saidContext() {
        return only(said());
    }

    /// The same question without what was added to its context since, but for the words to people.
    ///
    /// @param said names of the members that were there
    Question as(Collection<String> said) {
        var kept = context;
        for (String name : said()) if (!said.contains(name)) kept = kept.without(name);
        String words = reason();
        return new Question(
                subject, action, resource, words.isEmpty() ? kept : kept.set("reason", new JsonText(words)));
    }

    private JsonObject only(Collection<String> names) {
        var kept = JsonObject.builder();
        for (String name : names) context.get(name).ifPresent(value -> kept.with(name, value));
        return kept.build();
    }

    /// What is said to the people who are asked, in the words of whoever asks.
    String reason() {
        return context.text("business_justification")
                .or(() -> context.text("reason"))
                .orElse("");
    }

    /// The approval that is to be used.
    ///
    /// @throws MalformedJson where it has no id
    Optional<String> approval() {
        return object(context, "approval")
                .map(approval ->
                        text(approval, "id").orElseThrow(() -> new MalformedJson("`context.approval` needs its `id`")));
    }
}
