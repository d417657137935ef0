package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One value that a server's new definition of a tool has otherwise than the accepted one.
///
/// @param at printable: `inputSchema.properties.path.description`
/// @param before empty where it is new
/// @param after empty where it is gone
public record Difference(String at, Optional<Json> before, Optional<Json> after) {

    /// Differences of values, in the order of the older definition, then of the newer; the order of members is none.
    static List<Difference> between(JsonObject before, JsonObject after) {
        var found = new ArrayList<Difference>();
        compare(Location.WHOLE, before, after, found);
        return List.copyOf(found);
    }

    private static void compare(Location at, @Nullable Json before, @Nullable Json after, List<Difference> found) {
        if (before instanceof JsonObject older && after instanceof JsonObject newer) {
            var names = new LinkedHashSet<>(older.members().keySet());
            names.addAll(newer.members().keySet());
            for (String name : names)
                compare(
                        at.member(name),
                        older.members().get(name),
                        newer.members().get(name),
                        found);
        } else if (before instanceof JsonArray(var older) && after instanceof JsonArray(var newer)) {
            for (int i = 0; i < Math.max(older.size(), newer.size()); i++)
                compare(
                        at.item(i),
                        i < older.size() ? older.get(i) : null,
                        i < newer.size() ? newer.get(i) : null,
                        found);
        } else if (!Objects.equals(before, after)) {
            found.add(new Difference(at.text(), Optional.ofNullable(before), Optional.ofNullable(after)));
        }
    }

    /// As data, without the members that are empty.
    public JsonObject json() {
        var json = JsonObject.with("at", at);
        before.ifPresent(value -> json.with("before", value));
        after.ifPresent(value -> json.with("after", value));
        return json.build();
    }
}
