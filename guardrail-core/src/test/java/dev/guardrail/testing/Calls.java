package dev.guardrail.testing;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Action;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Risk;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.condition.Facts;
import dev.guardrail.session.SessionView;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// Plain calls for tests: the agent `coder` of role `developer`, working for `ann`, in a fresh session, at noon.
public final class Calls {
    public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    public static final Subject CODER = new Subject("coder", Set.of("developer"), Optional.of("ann"));

    private Calls() {}

    public static ToolDefinition tool(String name, String... labels) {
        var toolName = ToolName.parse(name);
        var definition = JsonObject.with("name", toolName.name()).build();
        return new ToolDefinition(
                toolName,
                definition,
                Optional.empty(),
                ToolEffect.EXTERNAL,
                Set.of(labels),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(toolName, definition));
    }

    public static DecisionRequest request(ToolDefinition tool, Subject subject, JsonObject arguments) {
        return new DecisionRequest(
                new CallId("call_1"),
                subject,
                new Action(tool.name(), arguments),
                new Resource(tool, PathFacts.NONE),
                new Context(NOON, "", Risk.LOW, Purpose.ACT));
    }

    public static Facts facts(DecisionRequest request) {
        return new Facts(request, SessionView.fresh(new SessionId("ses_1")));
    }

    public static Facts facts(String tool) {
        return facts(tool, JsonObject.EMPTY);
    }

    public static Facts facts(String tool, JsonObject arguments) {
        return facts(request(tool(tool), CODER, arguments));
    }
}
