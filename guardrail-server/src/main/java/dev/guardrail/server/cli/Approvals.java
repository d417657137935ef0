package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `approvals`: the queue of held calls from a terminal.
@Command(
        name = "approvals",
        mixinStandardHelpOptions = true,
        description = "See and decide held calls.",
        subcommands = {
            Approvals.Ls.class,
            Approvals.Show.class,
            Approvals.Approve.class,
            Approvals.Deny.class,
            Dealings.Escalate.class,
            Dealings.Delegate.class,
            Dealings.Ask.class,
            Dealings.Edit.class
        })
final class Approvals implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine.usage(spec.commandLine(), System.out);
    }

    /// `approvals ls`.
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "List approvals, pending ones by default.")
    static final class Ls extends Asking {
        @Option(
                names = "--state",
                defaultValue = "pending",
                description = "pending, approved, denied, expired, cancelled, used; ${DEFAULT-VALUE} by default.")
        private String state = "pending";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(
                    all(api, "/v1/approvals?state=" + Api.part(state)),
                    "Nothing is " + state + ".",
                    "id",
                    "risk",
                    "agent",
                    "tool",
                    "given",
                    "required",
                    "expiresAt");
        }
    }

    /// `approvals show`.
    @Command(name = "show", mixinStandardHelpOptions = true, description = "Show one approval whole.")
    static final class Show extends Asking {
        @Parameters(paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.get("/v1/approvals/" + Api.part(id)));
        }
    }

    /// `approvals approve`: agrees to exactly the arguments that the approval is for.
    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = "Approve the one exact call of an approval. Look at it first: `approvals show ID`.")
    static final class Approve extends Asking {
        @Parameters(paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Option(names = "--digest", description = "Digest of the arguments that you saw; refused where it differs.")
        private @Nullable String digest;

        @Option(names = "--reason", defaultValue = "", description = "Why; kept with the vote.")
        private String reason = "";

        @Option(names = "--confirm", description = "The value that the approval asks you to type.")
        private @Nullable String confirm;

        @Override
        int ask(Api api) throws Api.Refused {
            String seen = digest;
            if (seen == null) {
                JsonObject approval = api.get("/v1/approvals/" + Api.part(id));
                seen = approval.text("argumentsDigest")
                        .orElseThrow(() -> new Api.Refused("the approval shows no digest of its arguments"));
            }
            var body = JsonObject.with("argumentsDigest", seen).with("reason", reason);
            String typed = confirm;
            if (typed != null) body.with("confirm", typed);
            return show(api.post("/v1/approvals/" + Api.part(id) + "/approve", body.build()));
        }
    }

    /// `approvals deny`.
    @Command(name = "deny", mixinStandardHelpOptions = true, description = "Deny a held call.")
    static final class Deny extends Asking {
        @Parameters(paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Option(names = "--reason", defaultValue = "", description = "Why; the agent is told.")
        private String reason = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.post(
                    "/v1/approvals/" + Api.part(id) + "/deny",
                    JsonObject.with("reason", reason).build()));
        }
    }
}
