package dev.guardrail.server.upstream;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.pipeline.Confiner;
import dev.guardrail.pipeline.Looks;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Way;
import java.util.List;

/// A server that we are ourselves, in the words of MCP: it has tools and nothing else, and speaks both eras.
///
/// @param version of this program, as clients read it
/// @param tools definitions of its tools, without those that only undoing can reach
/// @param runner runs them
/// @param looks reads what its calls are about to change
/// @param confiner says which of its calls can run in a sandbox
public record OwnServer(
        String name, String version, List<JsonObject> tools, Runner runner, Looks looks, Confiner confiner) {
    public OwnServer {
        tools = List.copyOf(tools);
    }

    /// One that runs nothing in a sandbox.
    public OwnServer(String name, String version, List<JsonObject> tools, Runner runner, Looks looks) {
        this(name, version, tools, runner, looks, Confiner.NONE);
    }

    /// Answers `initialize`: in the client's revision where it is known, else in the newest.
    Answer greet(JsonObject hello) {
        var asked = hello.text("protocolVersion");
        if (asked.isEmpty()) return Answer.Failure.of(-32602, "`protocolVersion` must be a text");
        String revision = Era.LEGACY_REVISIONS.contains(asked.get()) ? asked.get() : Era.LEGACY_REVISIONS.getFirst();
        return new Answer.Result(JsonObject.with("protocolVersion", revision)
                .with("capabilities", capabilities())
                .with("serverInfo", info())
                .with("instructions", instructions())
                .build());
    }

    Answer ask(Relay.Passing passing) {
        boolean stateless = passing.way() instanceof Way.Stateless;
        return switch (passing.method()) {
            case "tools/list" -> complete(JsonObject.with("tools", new JsonArray(List.<Json>copyOf(tools))), stateless);
            case "ping" -> stateless ? unknown(passing) : new Answer.Result(JsonObject.EMPTY);
            case "server/discover" -> stateless ? discovered() : unknown(passing);
            default -> unknown(passing);
        };
    }

    private Answer discovered() {
        var found = JsonObject.with("supportedVersions", JsonArray.ofTexts(List.of(Era.REVISION)))
                .with("capabilities", capabilities())
                .with("instructions", instructions())
                .with(
                        "_meta",
                        JsonObject.with("io.modelcontextprotocol/serverInfo", info())
                                .build());
        return complete(found, true);
    }

    private static Answer complete(JsonObject.Builder result, boolean stateless) {
        if (stateless) result.with("resultType", "complete").with("ttlMs", 0).with("cacheScope", "private");
        return new Answer.Result(result.build());
    }

    private static Answer unknown(Relay.Passing passing) {
        if (passing.way() instanceof Way.Stateless) passing.line().status(404);
        return new Answer.Failure(
                Answer.Failure.methodNotFound().error(), passing.way() instanceof Way.Stateless ? 404 : 200, true);
    }

    private static JsonObject capabilities() {
        return JsonObject.with(
                        "tools", JsonObject.builder().with("listChanged", true).build())
                .build();
    }

    private JsonObject info() {
        return JsonObject.with("name", "guardrail/" + name)
                .with("title", "Guardrail in front of " + name)
                .with("version", version)
                .build();
    }

    private static Json instructions() {
        return new JsonText("Tool calls pass a guard: some are denied, some wait for a person."
                + " A result that says so tells what to do next.");
    }
}
