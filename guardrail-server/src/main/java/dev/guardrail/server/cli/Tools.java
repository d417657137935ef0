package dev.guardrail.server.cli;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tools`: the servers' tool definitions as they are pinned.
@Command(
        name = "tools",
        mixinStandardHelpOptions = true,
        description = "See pinned tools, fetch them for `check`, accept one that waits.",
        subcommands = {Tools.Ls.class, Tools.Show.class, Tools.Pull.class, Tools.Accept.class})
final class Tools extends Group {
    /// `tools ls`.
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "List tools and whether they are pinned.")
    static final class Ls extends Asking {
        @Override
        int ask(Api api) throws Api.Refused {
            var tools = all(api, "/v1/tools");
            if (json()) return show(tools, "");
            var lines = tools.stream().map(tool -> tool.set("waits for", new JsonText(ToolSheet.reason(tool))));
            return show(
                    lines.toList(),
                    "No server has shown a tool yet.",
                    "tool",
                    "state",
                    "effect",
                    "digest",
                    "waits for");
        }
    }

    /// `tools show`.
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Show a tool: what was found in its definition, and what changed.")
    static final class Show extends Asking {
        @Parameters(paramLabel = "TOOL", description = "server.name")
        private String tool = "";

        @Override
        int ask(Api api) throws Api.Refused {
            JsonObject found = one(api, tool);
            if (json()) return show(found);
            ToolSheet.print(System.out, found);
            return 0;
        }
    }

    /// @throws Api.Refused where no server ever listed it
    private static JsonObject one(Api api, String tool) throws Api.Refused {
        int dot = tool.indexOf('.');
        String server = dot < 0 ? tool : tool.substring(0, dot);
        return Asking.all(api, "/v1/tools?server=" + Api.part(server)).stream()
                .filter(each -> each.text("tool").equals(Optional.of(tool)))
                .findFirst()
                .orElseThrow(() -> new Api.Refused("no server lists a tool `" + tool + "`"));
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
            // A definition that nobody accepted is none to check policies against.
            List<JsonObject> tools = all(api, "/v1/tools").stream()
                    .filter(tool -> tool.has("definition"))
                    .toList();
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

    /// `tools accept`: lets a definition that waits be called; says again what was found in it.
    @Command(
            name = "accept",
            mixinStandardHelpOptions = true,
            description = "Accept a definition that waits, after reading it: `tools show TOOL`.")
    static final class Accept extends Asking {
        @Parameters(paramLabel = "TOOL", description = "server.name")
        private String tool = "";

        @Option(names = "--digest", required = true, description = "Digest of the definition that you read.")
        private String digest = "";

        @Override
        int ask(Api api) throws Api.Refused {
            JsonObject before = one(api, tool);
            JsonObject after = api.post(
                    "/v1/tools/" + Api.part(tool) + "/accept",
                    JsonObject.with("digest", digest).build());
            if (json()) return show(after);
            ToolSheet.print(System.out, before);
            System.out.println("accepted: " + Screen.safe(after.text("digest").orElse(digest)));
            return 0;
        }
    }
}
