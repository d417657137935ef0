package dev.guardrail.server.cli;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What else than voting an approver does with an approval, from a terminal.
final class Dealings {
    private Dealings() {}

    static String place(String id, String what) {
        return "/v1/approvals/" + Api.part(id) + "/" + what;
    }

    /// Prints what came of a decision, and whether it was a test.
    static int told(Asking command, JsonObject approval) {
        int code = command.show(approval);
        if (!command.json() && approval.isTrue("canary"))
            System.out.println("This was a canary: nobody made this request, and nothing ran or will run.");
        return code;
    }

    /// Digest of the arguments that an approval shows.
    static String digest(JsonObject approval) throws Api.Refused {
        return approval.text("argumentsDigest")
                .orElseThrow(() -> new Api.Refused("the approval shows no digest of its arguments"));
    }

    /// `approvals escalate`.
    @Command(
            name = "escalate",
            mixinStandardHelpOptions = true,
            description = "Call in whoever the rules name next, before their time.")
    static final class Escalate extends Asking {
        @Parameters(paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Option(names = "--reason", defaultValue = "", description = "Why; kept in the journal.")
        private String reason = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.post(
                    place(id, "escalate"), JsonObject.with("reason", reason).build()));
        }
    }

    /// `approvals delegate`.
    @Command(name = "delegate", mixinStandardHelpOptions = true, description = "Hand your vote to another approver.")
    static final class Delegate extends Asking {
        @Parameters(index = "0", paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "The operator who votes in your stead.")
        private String to = "";

        @Option(names = "--reason", defaultValue = "", description = "Why; kept in the journal.")
        private String reason = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.post(
                    place(id, "delegate"),
                    JsonObject.with("to", to).with("reason", reason).build()));
        }
    }

    /// `approvals ask`.
    @Command(
            name = "ask",
            mixinStandardHelpOptions = true,
            description = "Ask the agent's side about the call; the answer shows in `approvals show`.")
    static final class Ask extends Asking {
        @Parameters(index = "0", paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Parameters(index = "1", paramLabel = "QUESTION", description = "What you want to know.")
        private String question = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(
                    api.post(place(id, "ask"), JsonObject.with("text", question).build()));
        }
    }

    /// `approvals edit`: other arguments for the same tool, decided anew. Every vote before falls.
    @Command(
            name = "edit",
            mixinStandardHelpOptions = true,
            description = "Change the arguments of a held call. They are decided anew, and votes before them fall.")
    static final class Edit extends Asking {
        @Parameters(paramLabel = "ID", description = "The approval, apr_….")
        private String id = "";

        @Option(names = "--args", required = true, description = "All of the arguments, as a JSON object.")
        private String arguments = "";

        @Option(names = "--digest", description = "Digest of the arguments that you saw; refused where it differs.")
        private @Nullable String digest;

        @Option(names = "--reason", defaultValue = "", description = "Why; kept in the journal.")
        private String reason = "";

        @Override
        int ask(Api api) throws Api.Refused {
            String seen = digest;
            if (seen == null) seen = digest(api.get("/v1/approvals/" + Api.part(id)));
            return show(api.post(
                    place(id, "edit"),
                    JsonObject.with("argumentsDigest", seen)
                            .with("arguments", parsed())
                            .with("reason", reason)
                            .build()));
        }

        private Json parsed() throws Api.Refused {
            try {
                return StrictJson.parse(arguments.getBytes(StandardCharsets.UTF_8));
            } catch (MalformedJson malformed) {
                throw new Api.Refused("`--args` is no JSON object: " + malformed.getMessage());
            }
        }
    }
}
