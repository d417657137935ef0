package dev.guardrail.server.bridge;

import dev.guardrail.base.JsonObject;
import java.util.Optional;

/// What a host is told of a request that has no answer.
final class Explanation {
    private Explanation() {}

    /// The error that the host is answered with.
    static JsonObject error(Outcome outcome, String detail) {
        return switch (outcome) {
            case Outcome.Refused refused ->
                refused.error().orElseGet(() -> Rpc.failure("guard-refused", Optional.of(false), detail));
            case Outcome.Unreached unreached -> Rpc.failure("guard-unreachable", Optional.of(false), detail);
            case Outcome.Lost lost -> Rpc.failure("answer-lost", Optional.empty(), detail);
            case Outcome.Taken taken -> Rpc.failure("answer-lost", Optional.empty(), detail);
        };
    }

    /// What happened, whether anything ran, and what to do, in one sentence.
    static String of(Outcome outcome, DoorClient door) {
        return switch (outcome) {
            case Outcome.Refused(int status, Optional<JsonObject> error) ->
                error.flatMap(reason -> reason.text("message")).orElseGet(() -> refusal(status));
            case Outcome.Unreached unreached ->
                "no guard answers at " + door.door().resolve("/")
                        + ", so nothing was run; start it with `guardrail serve`, or name it with --url";
            case Outcome.Lost(String why) ->
                "the guard was asked, but " + why
                        + "; whether it ran stands in the journal: do not repeat it before looking there";
            case Outcome.Taken taken -> "the guard took it and gave no answer";
        };
    }

    private static String refusal(int status) {
        return switch (status) {
            case 401 -> "the guard does not know this key; name the agent's with --key-file or GUARDRAIL_KEY";
            case 403 -> "the guard lets this key in nowhere here; an agent's key is needed";
            case 404 -> "what answers has no MCP servers; is --url that of a guard?";
            default -> "the guard answered HTTP " + status + "; nothing was run";
        };
    }
}
