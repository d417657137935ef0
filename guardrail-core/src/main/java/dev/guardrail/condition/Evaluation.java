package dev.guardrail.condition;

import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelVariableResolver;
import dev.cel.runtime.Program;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.session.PastCall;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One run of a CEL program over facts: its variables, and what it may still do. Used by one thread, once.
final class Evaluation implements CelVariableResolver {
    private static final ScopedValue<Evaluation> CURRENT = ScopedValue.newInstance();

    private static final Set<String> TOOL = Set.of("server", "name", "labels", "effect", "annotations", "undo");
    private static final Set<String> AGENT = Set.of("name", "roles");
    private static final Set<String> SESSION = Set.of("id", "task", "taints", "calls", "irreversible");
    private static final Set<String> CALL = Set.of("reason", "risk", "time", "purpose");
    private static final Set<String> PAST_CALL = Set.of("tool", "args", "ok", "time");

    private final Facts facts;
    private final Meter meter = new Meter();

    private Evaluation(Facts facts) {
        this.facts = facts;
    }

    /// @throws CelEvaluationException where the program fails; it may also fail with any unchecked exception
    static Object run(Program program, Facts facts) throws CelEvaluationException {
        var evaluation = new Evaluation(facts);
        return ScopedValue.where(CURRENT, evaluation).call(() -> program.eval(evaluation));
    }

    /// The run that the calling function is part of.
    static Evaluation current() {
        return CURRENT.get();
    }

    Facts facts() {
        return facts;
    }

    Meter meter() {
        return meter;
    }

    @Override
    public Optional<Object> find(String name) {
        var request = facts.request();
        return switch (name) {
            case "args" -> Optional.of(view(request.action().arguments()));
            case "tool" -> Optional.of(object(TOOL, this::tool));
            case "agent" -> Optional.of(object(AGENT, this::agent));
            case "user" -> request.subject().user().map(this::view);
            case "session" -> Optional.of(object(SESSION, this::session));
            case "call" -> Optional.of(object(CALL, this::call));
            default -> Optional.empty();
        };
    }

    private @Nullable Object tool(String name) {
        var tool = facts.request().resource().tool();
        return switch (name) {
            case "server" -> tool.name().server();
            case "name" -> view(tool.name().name());
            case "labels" -> sorted(tool.labels());
            case "effect" -> tool.effect().text();
            case "undo" -> tool.exactness().text();
            case "annotations" -> view(tool.definition().object("annotations").orElse(JsonObject.EMPTY));
            default -> null;
        };
    }

    private @Nullable Object agent(String name) {
        var subject = facts.request().subject();
        return switch (name) {
            case "name" -> subject.agent();
            case "roles" -> sorted(subject.roles());
            default -> null;
        };
    }

    private @Nullable Object session(String name) {
        var session = facts.session();
        return switch (name) {
            case "id" -> session.id().value();
            case "task" -> view(session.task());
            case "taints" -> sorted(session.taints());
            case "irreversible" -> (long) session.irreversible();
            case "calls" ->
                new ListView<PastCall>(
                        session.calls().calls(),
                        past -> object(PAST_CALL, member -> past(past, member)),
                        meter,
                        session.calls().complete());
            default -> null;
        };
    }

    private @Nullable Object past(PastCall past, String name) {
        return switch (name) {
            case "tool" -> view(past.tool().toString());
            case "args" -> past.known() ? view(past.arguments()) : null;
            case "ok" -> past.ok();
            case "time" -> past.time();
            default -> null;
        };
    }

    private @Nullable Object call(String name) {
        var context = facts.request().context();
        return switch (name) {
            case "reason" -> view(context.reason());
            case "risk" -> context.risk().text();
            case "time" -> context.time();
            case "purpose" -> context.purpose().text();
            default -> null;
        };
    }

    private ObjectView object(Set<String> names, Function<String, @Nullable Object> member) {
        return new ObjectView(names, member, meter);
    }

    private Object view(String text) {
        meter.text(text);
        return text;
    }

    private ListView<String> sorted(Collection<String> texts) {
        return new ListView<>(texts.stream().sorted().toList(), this::view, meter, true);
    }

    private Object view(Json json) {
        return view(json, meter);
    }

    /// A JSON value as CEL sees it; containers are views, converted as they are read.
    static Object view(Json json, Meter meter) {
        return switch (json) {
            case JsonText(String text) -> {
                meter.text(text);
                yield text;
            }
            case JsonNumber number -> Numbers.of(number);
            case JsonBoolean flag -> flag.value();
            case JsonNull ignored -> NullValue.NULL_VALUE;
            case JsonArray(List<Json> items) -> new ListView<Json>(items, item -> view(item, meter), meter, true);
            case JsonObject object ->
                new ObjectView(
                        object.members().keySet(),
                        name -> {
                            Json member = object.members().get(name);
                            return member == null ? null : view(member, meter);
                        },
                        meter);
        };
    }
}
