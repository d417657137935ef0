package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `outbox`: calls that are permitted and wait for their time.
@Command(
        name = "outbox",
        mixinStandardHelpOptions = true,
        description = "See calls that wait for their time, and take them back.",
        subcommands = {OutboxCommand.Ls.class, OutboxCommand.Cancel.class})
final class OutboxCommand extends Group {
    /// `outbox ls`.
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "List queued calls.")
    static final class Ls extends Asking {
        @Override
        int ask(Api api) throws Api.Refused {
            return show(all(api, "/v1/outbox"), "Nothing is queued.", "callId", "runsAt", "agent", "tool", "session");
        }
    }

    /// `outbox cancel`.
    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = "Take a queued call back; refused where it runs or has run.")
    static final class Cancel extends Asking {
        @Parameters(paramLabel = "ID", description = "The call, call_….")
        private String id = "";

        @Option(names = "--reason", defaultValue = "", description = "Why; the agent is told.")
        private String reason = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.post(
                    "/v1/calls/" + Api.part(id) + "/cancel",
                    JsonObject.with("reason", reason).build()));
        }
    }
}
