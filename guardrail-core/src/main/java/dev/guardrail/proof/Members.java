package dev.guardrail.proof;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A JSON object as the auditor reads it: an entry, or a commitment in one. Its members are in order of their names.
final class Members implements Value {
    private final String[] names;
    private final Value[] values;

    /// @param names in order, not kept by the caller
    Members(String[] names, Value[] values) {
        this.names = names;
        this.values = values;
    }

    int size() {
        return names.length;
    }

    String name(int index) {
        return names[index];
    }

    Value value(int index) {
        return values[index];
    }

    /// Known names are one and the same string, so that most searches compare no characters.
    @Nullable
    Value get(String name) {
        for (int i = 0; i < names.length; i++) if (isSame(names[i], name)) return values[i];
        for (int i = 0; i < names.length; i++) if (names[i].equals(name)) return values[i];
        return null;
    }

    @SuppressWarnings("ReferenceEquality") // a miss is followed by a comparison
    private static boolean isSame(String one, String other) {
        return one == other;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    Optional<String> text(String name) {
        return get(name) instanceof Value.Text(String value) ? Optional.of(value) : Optional.empty();
    }

    OptionalLong integer(String name) {
        return get(name) instanceof Value.Whole(long value) ? OptionalLong.of(value) : OptionalLong.empty();
    }

    Optional<Members> object(String name) {
        return get(name) instanceof Members members ? Optional.of(members) : Optional.empty();
    }

    /// Texts of an array; others are left out, and an array that is not there has none.
    List<String> texts(String name) {
        if (!(get(name) instanceof Value.Items(List<Value> items))) return List.of();
        var texts = new ArrayList<String>(items.size());
        for (Value item : items) if (item instanceof Value.Text(String value)) texts.add(value);
        return texts;
    }

    /// Objects of an array, as [#texts].
    List<Members> objects(String name) {
        if (!(get(name) instanceof Value.Items(List<Value> items))) return List.of();
        var objects = new ArrayList<Members>(items.size());
        for (Value item : items) if (item instanceof Members members) objects.add(members);
        return objects;
    }

    @Override
    public JsonObject json() {
        var members = new LinkedHashMap<String, Json>();
        for (int i = 0; i < names.length; i++) members.put(names[i], values[i].json());
        return new JsonObject(members);
    }

    @Override
    public String toString() {
        return json().toString();
    }
}
