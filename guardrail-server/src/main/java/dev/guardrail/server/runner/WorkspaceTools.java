package dev.guardrail.server.runner;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.List;
import java.util.Set;

/// What the built-in server `workspace` says of its tools, as an MCP server would.
public final class WorkspaceTools {
    /// Tools of the workspace that this version names but does not have; policies and configurations that need
    /// them are refused by name.
    public static final Set<String> NOT_BUILT = Set.of("http_fetch");

    private static final String PATH = "Path inside the workspace, relative to its root or absolute.";

    private WorkspaceTools() {}

    /// The definitions, in the order in which they are listed.
    public static List<JsonObject> definitions() {
        return List.of(
                tool("fs_read", "Reads a text file (UTF-8).", true, schema("path", PATH)),
                tool(
                        "fs_write",
                        "Writes a text file whole, replacing what was there; directories on the way are made.",
                        false,
                        schema("path", PATH, "content", "The whole new text of the file.")),
                tool("fs_list", "Lists a directory: names, kinds and sizes.", true, schema("path", PATH)),
                tool("fs_delete", "Removes a file or an empty directory.", false, schema("path", PATH)),
                tool(
                        "fs_move",
                        "Renames a file or directory to a place where nothing is yet.",
                        false,
                        schema("from", PATH, "to", PATH)),
                tool(
                        Shell.TOOL,
                        "Runs a command line with /bin/sh in a sandbox, in the workspace: no network, and no files but"
                                + " those of the workspace and of the system. Answers its exit code and its output.",
                        false,
                        schema("command", "The command line.")));
    }

    private static JsonObject tool(String name, String description, boolean reads, JsonObject schema) {
        var hints = JsonObject.builder()
                .with("readOnlyHint", reads)
                .with("openWorldHint", false)
                .build();
        return JsonObject.with("name", name)
                .with("description", description)
                .with("inputSchema", schema)
                .with("annotations", hints)
                .build();
    }

    /// @param pairs names of required texts, each with its description
    private static JsonObject schema(String... pairs) {
        var properties = JsonObject.builder();
        var required = new java.util.ArrayList<dev.guardrail.base.Json>();
        for (int i = 0; i < pairs.length; i += 2) {
            properties.with(
                    pairs[i],
                    JsonObject.with("type", "string")
                            .with("description", pairs[i + 1])
                            .build());
            required.add(new JsonText(pairs[i]));
        }
        return JsonObject.with("type", "object")
                .with("properties", properties.build())
                .with("required", new JsonArray(required))
                .with("additionalProperties", dev.guardrail.base.JsonBoolean.FALSE)
                .build();
    }
}
