package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// One place where the arguments as they would run differ from those that were proposed.
///
/// @param place as [Survey#member] names it
/// @param before empty where it was added
/// @param after empty where it was taken out
record Difference(String place, Optional<Json> before, Optional<Json> after) {

    /// All of them, in the order of what was proposed, then of what was added.
    static List<Difference> between(String name, Json before, Json after) {
        var found = new ArrayList<Difference>();
        compare(name, before, after, found);
        return List.copyOf(found);
    }

    private static void compare(String place, Json before, Json after, List<Difference> found) {
        if (before.equals(after)) return;
        if (!(before instanceof JsonObject older) || !(after instanceof JsonObject newer)) {
            found.add(new Difference(place, Optional.of(before), Optional.of(after)));
            return;
        }
        var names = new LinkedHashSet<>(older.members().keySet());
        names.addAll(newer.members().keySet());
        for (String name : names) {
            Optional<Json> left = older.get(name);
            Optional<Json> right = newer.get(name);
            String at = Survey.member(place, name);
            if (left.isPresent() && right.isPresent()) compare(at, left.get(), right.get(), found);
            else found.add(new Difference(at, left, right));
        }
    }
}
