package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `sessions`: what agents are at, and ending it.
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        description = "See sessions and end them.",
        subcommands = {Sessions.Ls.class, Sessions.Show.class, Sessions.End.class})
final class Sessions extends Group {
    /// `sessions ls`.
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "List sessions.")
    static final class Ls extends Asking {
        @Override
        int ask(Api api) throws Api.Refused {
            return show(
                    all(api, "/v1/sessions"), "There is no session yet.", "id", "state", "agent", "user", "openedAt");
        }
    }

    /// `sessions show`.
    @Command(name = "show", mixinStandardHelpOptions = true, description = "Show one session.")
    static final class Show extends Asking {
        @Parameters(paramLabel = "ID", description = "The session, ses_….")
        private String id = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.get("/v1/sessions/" + Api.part(id)));
        }
    }

    /// `sessions end`.
    @Command(
            name = "end",
            mixinStandardHelpOptions = true,
            description = "End a session; nothing runs in it any more, and the agent's next one starts clean.")
    static final class End extends Asking {
        @Parameters(paramLabel = "ID", description = "The session, ses_….")
        private String id = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.post("/v1/sessions/" + Api.part(id) + "/end", JsonObject.EMPTY));
        }
    }
}
