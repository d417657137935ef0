package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `stop`: the kill switch.
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Stop all calls, or those of one agent, session, tool or server, until the stop is lifted with"
                + " `resume`. Takes the key of an approver or admin.",
        subcommands = Stop.Ls.class)
final class Stop extends Asking {
    @Option(names = "--scope", description = "all, agent, session, tool or server.")
    private @Nullable String scope;

    @Option(names = "--id", description = "Name of the agent, tool (server.name) or server; id of the session.")
    private @Nullable String id;

    @Option(names = "--reason", description = "Why; people are told, agents are not.")
    private @Nullable String reason;

    @Override
    int ask(Api api) throws Api.Refused {
        String reach = scope;
        String why = reason;
        if (reach == null || why == null)
            throw new Api.Refused("say what to stop and why: stop --scope all|agent|session|tool|server [--id ID]"
                    + " --reason TEXT");
        var body = JsonObject.with("scope", reach).with("reason", why);
        String target = id;
        if (target != null) body.with("id", target);
        return show(api.post("/v1/stop", body.build()));
    }

    /// `stop ls`.
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "List the stops in force.")
    static final class Ls extends Asking {
        @Override
        int ask(Api api) throws Api.Refused {
            return show(all(api, "/v1/stop"), "Nothing is stopped.", "id", "scope", "target", "by", "at", "reason");
        }
    }
}
