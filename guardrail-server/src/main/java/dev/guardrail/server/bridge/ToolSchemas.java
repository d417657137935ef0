package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The input schemas that lists of tools brought: their `x-mcp-header` say which arguments of a call are mirrored into
/// headers (MCP 2026-07-28, basic/transports/streamable-http, custom headers).
final class ToolSchemas {
    private static final String ANNOTATION = "x-mcp-header";
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final int MOST_TOOLS = 10_000;
    private static final Set<String> PRIMITIVES = Set.of("string", "integer", "boolean");

    /// Keywords that hold schemas in which no annotation may stand, as no fixed path of names leads there.
    private static final Set<String> OFF_THE_PATH = Set.of(
            "items",
            "prefixItems",
            "contains",
            "additionalProperties",
            "unevaluatedProperties",
            "unevaluatedItems",
            "propertyNames",
            "oneOf",
            "anyOf",
            "allOf",
            "not",
            "if",
            "then",
            "else");

    /// As those, with a name for each schema.
    private static final Set<String> OFF_THE_PATH_BY_NAME =
            Set.of("patternProperties", "dependentSchemas", "$defs", "definitions");

    private final Map<String, JsonObject> byTool = new ConcurrentHashMap<>();
    private final Consumer<String> words;

    ToolSchemas(Consumer<String> words) {
        this.words = words;
    }

    /// Learns from a list of tools. A tool whose annotations break the rules is taken out of it, as no client may
    /// call it.
    ///
    /// @param result of `tools/list`
    JsonObject learn(JsonObject result) {
        Optional<JsonArray> tools = result.array("tools");
        if (tools.isEmpty()) return result;
        var kept = new ArrayList<Json>();
        for (Json tool : tools.get().items()) if (learns(tool)) kept.add(tool);
        return kept.size() == tools.get().items().size() ? result : result.set("tools", new JsonArray(kept));
    }

    private boolean learns(Json listed) {
        if (!(listed instanceof JsonObject tool)) return true;
        String name = tool.text("name").orElse("");
        JsonObject schema = tool.object("inputSchema").orElse(JsonObject.EMPTY);
        var survey = new Survey();
        survey.look(schema, true, true);
        if (survey.fault.isPresent()) {
            byTool.remove(name);
            words.accept("a tool is left out: `" + name + "` " + survey.fault.get());
            return false;
        }
        if (survey.names.isEmpty()) byTool.remove(name);
        else if (byTool.containsKey(name) || byTool.size() < MOST_TOOLS) byTool.put(name, schema);
        return true;
    }

    /// The schema of a tool that has something mirrored.
    Optional<JsonObject> of(String tool) {
        return Optional.ofNullable(byTool.get(tool));
    }

    /// A walk through one input schema.
    private static final class Survey {
        private final Set<String> names = new HashSet<>();
        private Optional<String> fault = Optional.empty();

        /// @param onPath true where nothing but `properties` lies between this schema and the root
        void look(Json at, boolean root, boolean onPath) {
            if (!(at instanceof JsonObject schema)) return;
            if (schema.has(ANNOTATION)) take(schema, onPath && !root);
            schema.object("properties")
                    .ifPresent(named -> named.members().values().forEach(next -> look(next, false, onPath)));
            for (String keyword : OFF_THE_PATH)
                schema.get(keyword).ifPresent(next -> {
                    if (next instanceof JsonArray(List<Json> several)) several.forEach(one -> look(one, false, false));
                    else look(next, false, false);
                });
            for (String keyword : OFF_THE_PATH_BY_NAME)
                schema.object(keyword)
                        .ifPresent(named -> named.members().values().forEach(next -> look(next, false, false)));
        }

        private void take(JsonObject schema, boolean fixed) {
            Optional<String> header = schema.text(ANNOTATION).filter(ToolSchemas::isToken);
            if (!fixed) refuse("has `x-mcp-header` where no fixed path leads");
            else if (header.isEmpty()) refuse("has an `x-mcp-header` that is no header's name");
            else if (schema.text("type").filter(PRIMITIVES::contains).isEmpty())
                refuse("has `x-mcp-header` on something else than a string, an integer or a boolean");
            else if (!names.add(header.get().toLowerCase(Locale.ROOT))) refuse("has one `x-mcp-header` twice");
        }

        private void refuse(String why) {
            if (fault.isEmpty()) fault = Optional.of(why);
        }
    }

    /// Whether it can be part of a header's name (RFC 9110, section 5.6.2).
    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> c >= '0' && c <= '9'
                                || c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || TOKEN_MARKS.indexOf(c) >= 0);
    }
}
