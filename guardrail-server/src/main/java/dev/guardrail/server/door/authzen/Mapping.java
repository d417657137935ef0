package dev.guardrail.server.door.authzen;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Questions as calls (decision record 29). A resource of type `tool` is the tool that its id names, as in COAZ-MCP;
/// any other is a server that callers run themselves, and the action its tool.
record Mapping(Places places, AuthzenSettings settings) {
    /// Where proposals of this door came in; [dev.guardrail.pipeline.GuardedPath] permits none of them at quorum.
    static final String DOOR = "authzen";

    private static final String TOOL = "tool";
    private static final String CALL = "tools/call";
    private static final String ARGUMENTS = "arguments";

    /// @throws MalformedJson where the question contradicts itself or leaves out what only it can say
    /// @throws Refusal where its arguments are too large
    Meaning of(Caller caller, Question question) {
        return switch (places.of(caller, question)) {
            case Places.Place.Nowhere(Meaning.Nothing why) -> why;
            case Places.Place.In(SessionId session) ->
                question.resource().type().equals(TOOL)
                        ? tool(caller, session, question)
                        : generic(caller, session, question);
        };
    }

    private Meaning tool(Caller caller, SessionId session, Question question) {
        if (!question.action().name().equals(CALL))
            return new Meaning.Nothing("unknown_action", "A tool knows the action `" + CALL + "` alone.");
        Optional<ToolName> tool = parsed(question.resource().id());
        return tool.<Meaning>map(name -> call(caller, session, name, arguments(question), question))
                .orElseGet(() -> new Meaning.Nothing(
                        "unknown_resource", "A tool is named by its server, a dot and its own name."));
    }

    private static Optional<ToolName> parsed(String text) {
        try {
            return Optional.of(ToolName.parse(text));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /// They stand in one place of three; which one the drafts leave open.
    private static JsonObject arguments(Question question) {
        List<Json> given = Stream.of(
                        Optional.of(question.context()),
                        question.resource().properties(),
                        question.action().properties())
                .flatMap(Optional::stream)
                .flatMap(place -> place.get(ARGUMENTS).stream())
                .toList();
        if (given.size() > 1) throw new MalformedJson("the arguments stand in one place, best in `context.arguments`");
        if (given.isEmpty()) return JsonObject.EMPTY;
        if (given.getFirst() instanceof JsonObject arguments) return arguments;
        throw new MalformedJson("`" + ARGUMENTS + "` is an object");
    }

    private Meaning generic(Caller caller, SessionId session, Question question) {
        String type = question.resource().type();
        if (!settings.callerRun().contains(type))
            return new Meaning.Nothing("unknown_resource", "There are no resources of this type here.");
        Optional<ToolName> tool = parsed(type + "." + question.action().name());
        if (tool.isEmpty()) return new Meaning.Nothing("unknown_action", "There is no such action here.");
        var arguments = JsonObject.with("id", question.resource().id());
        question.resource().properties().ifPresent(properties -> arguments.with("resource", properties));
        question.action().properties().ifPresent(properties -> arguments.with("action", properties));
        question.subject().properties().ifPresent(properties -> arguments.with("subject", properties));
        JsonObject context = question.saidContext();
        if (!context.members().isEmpty()) arguments.with("context", context);
        return call(caller, session, tool.get(), arguments.build(), question);
    }

    private Meaning.Call call(
            Caller caller, SessionId session, ToolName tool, JsonObject arguments, Question question) {
        if (JsonWriter.bytes(arguments).length > settings.argumentBytes())
            throw new Refusal(
                    ProblemType.TOO_LARGE,
                    "the arguments are larger than `limits.arguments` allows; send less at a time");
        // An agent's session is its credential's; only a host names one.
        Optional<SessionId> named = caller.kind() == Caller.Kind.HOST ? Optional.of(session) : Optional.empty();
        return new Meaning.Call(
                session,
                new Proposal(caller, named, DOOR, tool, arguments, question.reason(), Run.CALLER),
                question.said());
    }

    /// Names of the context's members that recorded arguments were made of.
    static List<String> said(JsonObject recorded, Question question) {
        if (question.resource().type().equals(TOOL)) return List.of(ARGUMENTS);
        return recorded.object("context")
                .map(context -> List.copyOf(context.members().keySet()))
                .orElse(List.of());
    }
}
