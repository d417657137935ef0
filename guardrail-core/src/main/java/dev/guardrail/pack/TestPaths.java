package dev.guardrail.pack;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Path facts of a case: there is no file system, so a path is what its text says, with `.` and `..` taken out, unless
/// the case says where it really leads.
///
/// @param root directory from which relative paths are taken
/// @param real real paths by text; an empty one cannot be resolved
record TestPaths(String root, Map<String, String> real) {
    /// Longest path (Linux, `PATH_MAX`).
    private static final int LONGEST = 4_096;

    PathFacts of(JsonObject arguments) {
        var facts = new TreeMap<String, PathFact>();
        collect(arguments, facts);
        return new PathFacts(facts);
    }

    private void collect(Json json, Map<String, PathFact> facts) {
        switch (json) {
            case JsonObject object -> object.members().values().forEach(member -> collect(member, facts));
            case JsonArray array -> array.items().forEach(item -> collect(item, facts));
            case JsonText(String text) -> resolve(text).ifPresent(path -> facts.put(text, path));
            case dev.guardrail.base.JsonNumber number -> {}
            case dev.guardrail.base.JsonBoolean bool -> {}
            case dev.guardrail.base.JsonNull nothing -> {}
        }
    }

    private Optional<PathFact> resolve(String text) {
        String said = real.get(text);
        if (said != null)
            return said.isEmpty() ? Optional.empty() : Optional.of(new PathFact(said, root, Optional.empty()));
        if (text.isEmpty() || text.length() > LONGEST || text.indexOf('\0') >= 0) return Optional.empty();
        String absolute = text.startsWith("/") ? text : root + "/" + text;
        var parts = new ArrayDeque<String>();
        for (String part : absolute.split("/")) {
            switch (part) {
                case "", "." -> {}
                case ".." -> parts.pollLast();
                default -> parts.addLast(part);
            }
        }
        return Optional.of(new PathFact("/" + String.join("/", parts), root, Optional.empty()));
    }
}
