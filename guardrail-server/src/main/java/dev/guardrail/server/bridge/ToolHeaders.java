package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Which arguments of which tools are mirrored into headers: `x-mcp-header` in the input schemas that lists of tools
/// brought (MCP 2026-07-28, basic/transports/streamable-http, custom headers).
final class ToolHeaders {
    private static final String ANNOTATION = "x-mcp-header";
    private static final String PREFIX = "Mcp-Param-";
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

    private final Map<String, List<Mirrored>> byTool = new ConcurrentHashMap<>();
    private final Consumer<String> words;

    ToolHeaders(Consumer<String> words) {
        this.words = words;
    }

    /// One argument, at its exact path of names.
    private record Mirrored(String header, List<String> path) {}

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
        var survey = new Survey();
        tool.object("inputSchema").ifPresent(schema -> survey.look(schema, List.of(), true));
        if (survey.fault.isPresent()) {
            byTool.remove(name);
            words.accept("a tool is left out: `" + name + "` " + survey.fault.get());
            return false;
        }
        if (byTool.containsKey(name) || byTool.size() < MOST_TOOLS) byTool.put(name, List.copyOf(survey.found));
        return true;
    }

    /// The headers of one call, encoded; absent and null arguments have none.
    Map<String, String> of(String tool, JsonObject arguments) {
        var headers = new LinkedHashMap<String, String>();
        for (Mirrored mirrored : byTool.getOrDefault(tool, List.of()))
            value(arguments, mirrored.path())
                    .flatMap(ToolHeaders::text)
                    .ifPresent(text -> headers.put(PREFIX + mirrored.header(), HeaderValue.of(text)));
        return headers;
    }

    private static Optional<Json> value(JsonObject arguments, List<String> path) {
        Optional<Json> at = Optional.of(arguments);
        for (String name : path)
            at = at.flatMap(in -> in instanceof JsonObject object ? object.get(name) : Optional.empty());
        return at;
    }

    private static Optional<String> text(Json value) {
        return switch (value) {
            case JsonText(String text) -> Optional.of(text);
            case JsonBoolean bool -> Optional.of(bool.toString());
            case JsonNumber number ->
                Optional.of(
                        number.exactLong().isPresent()
                                ? Long.toString(number.exactLong().getAsLong())
                                : number.literal());
            case Json other -> Optional.empty();
        };
    }

    /// A walk through one input schema.
    private static final class Survey {
        private final List<Mirrored> found = new ArrayList<>();
        private final Set<String> names = new HashSet<>();
        private Optional<String> fault = Optional.empty();

        /// @param onPath true where nothing but `properties` lies between this schema and the root
        void look(Json at, List<String> path, boolean onPath) {
            if (!(at instanceof JsonObject schema)) return;
            if (schema.has(ANNOTATION)) take(schema, path, onPath);
            schema.object("properties")
                    .ifPresent(named ->
                            named.members().forEach((name, next) -> look(next, append(path, name), onPath)));
            for (String keyword : OFF_THE_PATH)
                schema.get(keyword).ifPresent(next -> {
                    if (next instanceof JsonArray(List<Json> several)) several.forEach(one -> look(one, path, false));
                    else look(next, path, false);
                });
            for (String keyword : OFF_THE_PATH_BY_NAME)
                schema.object(keyword)
                        .ifPresent(named -> named.members().values().forEach(next -> look(next, path, false)));
        }

        private void take(JsonObject schema, List<String> path, boolean onPath) {
            Optional<String> header = schema.text(ANNOTATION).filter(HeaderValue::isToken);
            if (!onPath || path.isEmpty()) refuse("has `x-mcp-header` where no fixed path leads");
            else if (header.isEmpty()) refuse("has an `x-mcp-header` that is no header's name");
            else if (schema.text("type").filter(PRIMITIVES::contains).isEmpty())
                refuse("has `x-mcp-header` on something else than a string, an integer or a boolean");
            else if (!names.add(header.get().toLowerCase(Locale.ROOT))) refuse("has one `x-mcp-header` twice");
            else found.add(new Mirrored(header.get(), path));
        }

        private void refuse(String why) {
            if (fault.isEmpty()) fault = Optional.of(why);
        }

        private static List<String> append(List<String> path, String name) {
            var longer = new ArrayList<>(path);
            longer.add(name);
            return List.copyOf(longer);
        }
    }
}
