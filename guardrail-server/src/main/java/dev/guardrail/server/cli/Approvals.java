package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.server.sheet.Room;
import dev.guardrail.server.sheet.Sheet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
            Dealings.Edit.class,
            Quality.class,
            CanaryTable.class
        })
final class Approvals extends Group {
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
            List<JsonObject> approvals = all(api, "/v1/approvals?state=" + Api.part(state));
            return show(
                    json() ? approvals : approvals.stream().map(Ls::row).toList(),
                    "Nothing is " + state + ".",
                    "id",
                    "risk",
                    "agent",
                    "tool",
                    "votes",
                    "expires");
        }

        private static JsonObject row(JsonObject approval) {
            return approval.set(
                            "votes",
                            new JsonText(approval.integer("given").orElse(0) + " of "
                                    + approval.integer("required").orElse(0)))
                    .set("expires", new JsonText(approval.text("expiresAt").orElse("")));
        }
    }

    /// `approvals show`.
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Show one approval. Whatever an agent wrote stands behind a bar and hides nothing.")
    static final class Show extends Asking {
        @Parameters(paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Option(
                names = {"--open", "--all"},
                description = "Show long values whole too.")
        private boolean open;

        @Option(
                names = "--width",
                defaultValue = "${env:COLUMNS:-80}",
                description = "Columns of the terminal; ${DEFAULT-VALUE} by default.")
        private int width = 80;

        @Mixin
        private Remember remember = new Remember();

        @Override
        int ask(Api api) throws Api.Refused {
            JsonObject approval = api.get("/v1/approvals/" + Api.part(id));
            Optional<JsonObject> scope = remember.scope();
            if (scope.isPresent())
                approval = approval.set(
                        "preview",
                        api.post(
                                Dealings.place(id, "preview"),
                                JsonObject.with("scope", scope.get()).build()));
            if (json()) return show(approval);
            var sheet = new Sheet(approval);
            System.out.print(sheet.text(width, open ? Room.WHOLE : Room.SHEET));
            if (!open && !sheet.mustOpen().isEmpty())
                System.out.println("Open it whole: guardrail approvals show " + Screen.safe(id) + " --open");
            return 0;
        }
    }

    /// `approvals approve`: agrees to exactly the arguments that the approval is for.
    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description =
                    "Approve the one exact call of an approval; with --remember, calls like it too. Look at it first: `approvals show ID`.")
    static final class Approve extends Asking {
        @Parameters(paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Option(names = "--digest", description = "Digest of the arguments that you saw; refused where it differs.")
        private @Nullable String digest;

        @Option(
                names = "--opened",
                description = "You have seen what `approvals show` shows only in part: `approvals show ID --open`.")
        private boolean opened;

        @Option(names = "--reason", defaultValue = "", description = "Why; kept with the vote.")
        private String reason = "";

        @Option(names = "--confirm", description = "The value that the approval asks you to type.")
        private @Nullable String confirm;

        @Mixin
        private Remember remember = new Remember();

        @Override
        int ask(Api api) throws Api.Refused {
            String seen = digest;
            if (seen == null) {
                JsonObject approval = api.get("/v1/approvals/" + Api.part(id));
                seen = Dealings.digest(approval);
                if (!opened && !new Sheet(approval).mustOpen().isEmpty())
                    throw new Api.Refused("some of the arguments are too long to be seen at once; look at them with"
                            + " `guardrail approvals show " + id + " --open`, then approve with --opened, or name what"
                            + " you saw with --digest");
            }
            var body = JsonObject.with("argumentsDigest", seen).with("reason", reason);
            String typed = confirm;
            if (typed != null) body.with("confirm", typed);
            remember.scope().ifPresent(scope -> body.with("scope", scope));
            return Dealings.told(this, api.post(Dealings.place(id, "approve"), body.build()));
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
            return Dealings.told(
                    this,
                    api.post(
                            Dealings.place(id, "deny"),
                            JsonObject.with("reason", reason).build()));
        }
    }
}
