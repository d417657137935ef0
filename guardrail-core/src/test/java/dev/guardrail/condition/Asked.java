package dev.guardrail.condition;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.Action;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Risk;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.session.PastCall;
import dev.guardrail.session.SessionView;
import dev.guardrail.session.Trajectory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A question to put to conditions; every part has a plain default.
record Asked(JsonObject arguments, Optional<String> user, Map<String, PathFact> paths, SessionView session) {
    static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

    static Asked with(String arguments) {
        return with(json(arguments));
    }

    static Asked with(JsonObject arguments) {
        return new Asked(arguments, Optional.of("ann"), Map.of(), SessionView.fresh(new SessionId("ses_1")));
    }

    Asked user(Optional<String> name) {
        return new Asked(arguments, name, paths, session);
    }

    Asked path(String text, String real) {
        var more = new TreeMap<>(paths);
        more.put(text, new PathFact(real, "/workspace", Optional.empty()));
        return new Asked(arguments, user, more, session);
    }

    Asked calls(boolean complete, PastCall... calls) {
        return session(Set.of("secret"), new Trajectory(List.of(calls), complete));
    }

    Asked session(Set<String> taints, Trajectory calls) {
        var id = new SessionId("ses_1");
        return new Asked(
                arguments,
                user,
                paths,
                new SessionView(id, "tidy up", false, taints, Set.of("files.read_file"), 2, calls, List.of(), 1));
    }

    Facts facts() {
        var tool = tool("files.write_file", Optional.empty());
        return new Facts(
                new DecisionRequest(
                        new CallId("call_1"),
                        new Subject("coder", Set.of("developer", "night"), user),
                        new Action(tool.name(), arguments),
                        new Resource(tool, new PathFacts(paths)),
                        new Context(NOON, "because", Risk.HIGH, Purpose.ACT)),
                session);
    }

    static PastCall past(String tool, String arguments, boolean ok) {
        return new PastCall(ToolName.parse(tool), json(arguments), ok, NOON.minusSeconds(60));
    }

    static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    static ToolDefinition tool(String name, Optional<String> schema) {
        var definition = JsonObject.with("name", name)
                .with(
                        "annotations",
                        JsonObject.builder().with("readOnlyHint", true).build())
                .build();
        var tool = ToolName.parse(name);
        return new ToolDefinition(
                tool,
                definition,
                schema.map(Asked::json),
                ToolEffect.WRITE,
                Set.of("fs-write"),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(tool, definition));
    }

    static ToolDefinition tool(String name, String schema) {
        return tool(name, Optional.of(schema));
    }

    /// A tool whose schema has the properties, each written `name: type`.
    static ToolDefinition typed(String name, String... properties) {
        var members = JsonObject.builder();
        Arrays.stream(properties)
                .map(property -> property.split(": ", 2))
                .forEach(property -> members.with(
                        property[0], JsonObject.with("type", property[1]).build()));
        return tool(
                name,
                JsonObject.with("type", "object")
                        .with("properties", members.build())
                        .build()
                        .toString());
    }
}
