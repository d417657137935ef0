package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `grants`: approvals that reach further than one call.
@Command(
        name = "grants",
        mixinStandardHelpOptions = true,
        description = "See approvals that are remembered, and take them back.",
        subcommands = {Grants.Ls.class, Grants.Show.class, Grants.Revoke.class})
final class Grants extends Group {
    /// `grants ls`.
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "List grants, active ones by default.")
    static final class Ls extends Asking {
        @Option(
                names = "--state",
                defaultValue = "active",
                description = "active, spent, expired, revoked; ${DEFAULT-VALUE} by default.")
        private String state = "active";

        @Override
        int ask(Api api) throws Api.Refused {
            List<JsonObject> grants = all(api, "/v1/grants?state=" + Api.part(state));
            return show(
                    json() ? grants : grants.stream().map(Ls::row).toList(),
                    "No grant is " + state + ".",
                    "id",
                    "agent",
                    "tool",
                    "plan",
                    "uses",
                    "sum",
                    "until");
        }

        private static JsonObject row(JsonObject grant) {
            String sum = grant.object("scope")
                    .flatMap(scope -> scope.object("sum"))
                    .map(cap -> grant.get("spent").map(Object::toString).orElse("0") + " of "
                            + cap.get("max").map(Object::toString).orElse(""))
                    .orElse("");
            return grant.set(
                            "plan",
                            new JsonText(
                                    grant.has("step")
                                            ? grant.text("callId").orElse("") + " call "
                                                    + grant.integer("step").orElse(0)
                                            : ""))
                    .set(
                            "uses",
                            new JsonText(grant.integer("used").orElse(0) + " of "
                                    + grant.integer("calls").orElse(0)))
                    .set("sum", new JsonText(sum));
        }
    }

    /// `grants show`.
    @Command(name = "show", mixinStandardHelpOptions = true, description = "Show one grant.")
    static final class Show extends Asking {
        @Parameters(paramLabel = "ID", description = "The grant, grt_….")
        private String id = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.get("/v1/grants/" + Api.part(id)));
        }
    }

    /// `grants revoke`.
    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Take a grant back, with the rest of its plan; people are asked again from the next call on.")
    static final class Revoke extends Asking {
        @Parameters(paramLabel = "ID", description = "The grant, grt_….")
        private String id = "";

        @Option(names = "--reason", defaultValue = "", description = "Why; kept with the grant.")
        private String reason = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.delete("/v1/grants/" + Api.part(id) + "?reason=" + Api.part(reason)));
        }
    }
}
