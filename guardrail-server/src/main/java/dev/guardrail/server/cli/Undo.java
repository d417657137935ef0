package dev.guardrail.server.cli;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `undo`: takes a call, a session, or all since a time back.
@Command(
        name = "undo",
        mixinStandardHelpOptions = true,
        description =
                "Take back what a call or the calls of a session did, the last one first, or say what would come of"
                        + " it. With --since and no id, what all sessions did since then. Run it again to go on with what"
                        + " is left. Takes the key of an approver or admin. Exits with 1 where something is left.")
final class Undo extends Asking {
    /// Calls for one request: a long undo tells how far it has come, and no request outlives its patience.
    private static final int BATCH = 200;

    @Parameters(
            paramLabel = "SESSION|CALL",
            arity = "0..1",
            description = "Id of the session (ses_…) or call (call_…).")
    private @Nullable String target;

    @Option(names = "--plan", description = "Change nothing, and show what would come of it.")
    private boolean plan;

    @Option(names = "--only", paramLabel = "CALL", split = ",", description = "Only these calls of the session.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--from", paramLabel = "CALL", description = "Only this call of the session and those after it.")
    private @Nullable String from;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only what was done since a time, such as 2026-11-20T10:00:00Z, or 10:00 for the last"
                    + " ten o'clock.")
    private @Nullable String since;

    @Option(names = "--agent", paramLabel = "NAME", description = "With --since and no id: only what this agent did.")
    private @Nullable String agent;

    @Option(names = "--reason", description = "Why; it is kept with each call that takes another one back.")
    private @Nullable String reason;

    @Override
    int ask(Api api) throws Api.Refused {
        String path = "/v1/" + place() + "undo";
        JsonObject body = body();
        JsonObject undone = plan ? api.post(path, body) : undone(api, path, body);
        if (json()) show(undone);
        else
            show(
                    undone.array("steps").orElseThrow().objects(),
                    "Nothing here may have changed anything.",
                    "call",
                    "tool",
                    "exactness",
                    "state",
                    "approval",
                    "why");
        return plan || undone.isTrue("complete") ? 0 : 1;
    }

    /// Where the request goes; what does not fit together is refused.
    private String place() throws Api.Refused {
        String id = target;
        if (!plan && reason == null)
            throw new Api.Refused("say why: undo " + (id == null ? "--since TIME" : id) + " --reason TEXT, or --plan");
        if (id == null) {
            if (since == null) throw new Api.Refused("say what: undo SESSION, undo CALL or undo --since TIME");
            if (!only.isEmpty() || from != null) throw new Api.Refused("--only and --from go with a session");
            return "";
        }
        if (agent != null) throw new Api.Refused("--agent goes with --since and no id");
        boolean call = id.startsWith("call_");
        if (!call && !id.startsWith("ses_"))
            throw new Api.Refused("`" + id + "` is neither a session (ses_…) nor a call (call_…)");
        if (call && (!only.isEmpty() || from != null || since != null))
            throw new Api.Refused("--only, --from and --since go with a session");
        return (call ? "calls/" : "sessions/") + Api.part(id) + '/';
    }

    private JsonObject body() throws Api.Refused {
        var body = JsonObject.builder().with("plan", plan);
        body.with("reason", Optional.ofNullable(reason))
                .with("from", Optional.ofNullable(from))
                .with("agent", Optional.ofNullable(agent));
        String time = since;
        if (time != null) body.with("since", instant(time).toString());
        if (!only.isEmpty()) body.with("only", JsonArray.ofTexts(only));
        return body.build();
    }

    private static Instant instant(String text) throws Api.Refused {
        try {
            if (text.contains("T")) return OffsetDateTime.parse(text).toInstant();
            ZonedDateTime now = ZonedDateTime.now();
            ZonedDateTime today = now.with(LocalTime.parse(text));
            return (today.isAfter(now) ? today.minusDays(1) : today).toInstant();
        } catch (DateTimeException malformed) {
            throw new Api.Refused(
                    "`" + text + "` is no time such as 2026-11-20T10:00:00Z, nor a time of day such as 10:00");
        }
    }

    /// Batch by batch, the last calls first; each names what the one before has left.
    private JsonObject undone(Api api, String path, JsonObject body) throws Api.Refused {
        if (path.startsWith("/v1/calls/")) return api.post(path, body);
        Map<String, JsonObject> steps = new LinkedHashMap<>();
        var progress = new Progress("undone", "calls");
        JsonObject next = body;
        JsonObject answer = JsonObject.EMPTY;
        List<String> left = List.of();
        int before;
        do {
            before = left.size();
            answer = api.post(path, next.set("most", JsonNumber.of(BATCH)));
            for (JsonObject step : answer.array("steps").orElseThrow().objects())
                steps.put(step.text("call").orElseThrow(), step);
            left = steps.values().stream()
                    .filter(step -> step.text("state").equals(Optional.of("ready")))
                    .map(step -> step.text("call").orElseThrow())
                    .toList();
            next = body.without("from")
                    .set("only", JsonArray.ofTexts(left.stream().limit(BATCH).toList()));
            if (target != null) next = next.without("since");
            progress.accept(steps.size() - left.size());
        } while (!left.isEmpty() && left.size() != before);
        progress.end();
        boolean complete =
                steps.values().stream().allMatch(step -> step.text("state").equals(Optional.of("undone")));
        return answer.set("steps", new JsonArray(List.copyOf(steps.values())))
                .set("complete", complete ? JsonBoolean.TRUE : JsonBoolean.FALSE);
    }
}
