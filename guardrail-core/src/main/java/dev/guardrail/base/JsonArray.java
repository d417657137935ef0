package dev.guardrail.base;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/// A JSON array.
public record JsonArray(List<Json> items) implements Json {
    public static final JsonArray EMPTY = new JsonArray(List.of());

    public JsonArray {
        items = List.copyOf(items);
    }

    public static JsonArray ofTexts(Collection<String> texts) {
        return new JsonArray(texts.stream().<Json>map(JsonText::new).toList());
    }

    /// @return the items that are texts; others are left out
    public List<String> texts() {
        return items.stream()
                .filter(JsonText.class::isInstance)
                .map(item -> ((JsonText) item).value())
                .toList();
    }

    /// @return the items that are objects; others are left out
    public List<JsonObject> objects() {
        List<JsonObject> objects = new ArrayList<>(items.size());
        for (Json item : items) if (item instanceof JsonObject object) objects.add(object);
        return Collections.unmodifiableList(objects);
    }

    @Override
    public String toString() {
        return JsonText.write(this);
    }
}
