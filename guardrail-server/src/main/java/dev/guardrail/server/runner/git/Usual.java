package dev.guardrail.server.runner.git;

import dev.guardrail.base.JsonObject;
import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The permission bits that most files, most executables and most directories of a work tree have, so that only
/// others need be told.
record Usual(int file, int run, int folder) {

    static Usual of(SortedMap<String, Item> items) {
        return new Usual(
                most(items, item -> item.kind() == Item.Kind.FILE && !item.runs(), 0644),
                most(items, Item::runs, 0755),
                most(items, Item::isFolder, 0755));
    }

    /// Of those that are equally often, the smallest.
    private static int most(SortedMap<String, Item> items, Predicate<Item> which, int none) {
        var counts = new TreeMap<Integer, Integer>();
        items.values().stream().filter(which).forEach(item -> counts.merge(item.mode(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.<Integer, Integer>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .map(Map.Entry::getKey)
                .orElse(none);
    }

    JsonObject json() {
        return JsonObject.with("file", text(file))
                .with("run", text(run))
                .with("folder", text(folder))
                .build();
    }

    static Usual of(JsonObject json) {
        return new Usual(mode(json, "file"), mode(json, "run"), mode(json, "folder"));
    }

    static String text(int mode) {
        return Integer.toOctalString(mode);
    }

    /// @throws IllegalArgumentException where there is none
    static int mode(JsonObject json, String name) {
        return Integer.parseInt(json.text(name).orElseThrow(() -> new IllegalArgumentException(name)), 8);
    }
}
