package dev.guardrail.server.cli;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tools`: the servers' tool definitions as they are pinned.
@Command(
        name = "tools",
        mixinStandardHelpOptions = true,
        description = "See pinned tools, fetch them for `check`, accept a changed one.",
        subcommands = {Tools.Ls.class, Tools.Pull.class, Tools.Accept.class})
final class Tools implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine.usage(spec.commandLine(), System.out);
    }

    /// `tools ls`.
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "List tools and whether they are pinned.")
    static final class Ls extends Asking {
        @Override
        int ask(Api api) throws Api.Refused {
            return show(all(api, "/v1/tools"), "No server has shown a tool yet.", "tool", "state", "effect", "digest");
        }
    }

    /// `tools pull`: writes the pinned definitions to a file that `check --tools` reads.
    @Command(
            name = "pull",
            mixinStandardHelpOptions = true,
            description = "Write the pinned definitions to a file, for `check --tools FILE`.")
    static final class Pull extends Asking {
        @Option(
                names = {"-o", "--output"},
                defaultValue = "tools.json",
                paramLabel = "FILE",
                description = "${DEFAULT-VALUE} by default.")
        private Path output = Path.of("tools.json");

        @Override
        int ask(Api api) throws Api.Refused {
            List<JsonObject> tools = all(api, "/v1/tools");
            var whole =
                    JsonObject.with("tools", new JsonArray(List.copyOf(tools))).build();
            try {
                Files.write(output, JsonWriter.bytes(whole));
            } catch (IOException unwritable) {
                throw new Api.Refused("`" + output + "` cannot be written");
            }
            System.out.println(
                    json()
                            ? JsonObject.with("file", output.toString())
                                    .with("tools", tools.size())
                                    .build()
                                    .toString()
                            : tools.size() + " tools written to " + output);
            return 0;
        }
    }

    /// `tools accept`: lets a changed definition be called again.
    @Command(
            name = "accept",
            mixinStandardHelpOptions = true,
            description = "Accept a changed definition, after reading it: `tools ls --json`.")
    static final class Accept extends Asking {
        @Parameters(paramLabel = "TOOL", description = "server.name")
        private String tool = "";

        @Option(names = "--digest", required = true, description = "Digest of the definition that you read.")
        private String digest = "";

        @Override
        int ask(Api api) throws Api.Refused {
            return show(api.post(
                    "/v1/tools/" + Api.part(tool) + "/accept",
                    JsonObject.with("digest", digest).build()));
        }
    }
}
