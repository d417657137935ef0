package dev.guardrail.server.cli;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `undo`: takes a call or a session back.
@Command(
        name = "undo",
        mixinStandardHelpOptions = true,
        description =
                "Take back what a call or the calls of a session did, the last one first, or say what would come of"
                        + " it. Run it again to go on with what is left. Takes the key of an approver or admin. Exits with 1"
                        + " where something is left.")
final class Undo extends Asking {
    @Parameters(paramLabel = "SESSION|CALL", description = "Id of the session (ses_…) or call (call_…).")
    private String target = "";

    @Option(names = "--plan", description = "Change nothing, and show what would come of it.")
    private boolean plan;

    @Option(names = "--only", paramLabel = "CALL", split = ",", description = "Only these calls of the session.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--reason", description = "Why; it is kept with each call that takes another one back.")
    private @Nullable String reason;

    @Override
    int ask(Api api) throws Api.Refused {
        String why = reason;
        if (!plan && why == null) throw new Api.Refused("say why: undo " + target + " --reason TEXT, or --plan");
        boolean call = target.startsWith("call_");
        if (!call && !target.startsWith("ses_"))
            throw new Api.Refused("`" + target + "` is neither a session (ses_…) nor a call (call_…)");
        if (call && !only.isEmpty()) throw new Api.Refused("--only goes with a session");
        var body = JsonObject.builder().with("plan", plan);
        if (why != null) body.with("reason", why);
        if (!only.isEmpty()) body.with("only", JsonArray.ofTexts(only));
        JsonObject undone =
                api.post("/v1/" + (call ? "calls/" : "sessions/") + Api.part(target) + "/undo", body.build());
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
}
