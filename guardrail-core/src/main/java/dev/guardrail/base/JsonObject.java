package dev.guardrail.base;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// A JSON object; members keep their order and names are unique by construction.
public record JsonObject(SequencedMap<String, Json> members) implements Json {
    public static final JsonObject EMPTY = new JsonObject(new LinkedHashMap<>());

    public JsonObject {
        members = Collections.unmodifiableSequencedMap(
                members instanceof Owned owned ? owned : new LinkedHashMap<>(members));
    }

    /// Members that nobody but the object will hold, so that they need no copy.
    static final class Owned extends LinkedHashMap<String, Json> {
        private static final long serialVersionUID = 1L;

        Owned() {}

        private Owned(Map<String, Json> members) {
            super(members);
        }
    }

    /// @return an object of alternating names and values
    public static Builder with(String name, Json value) {
        return new Builder().with(name, value);
    }

    public static Builder with(String name, String value) {
        return new Builder().with(name, value);
    }

    public static Builder builder() {
        return new Builder();
    }

    public Optional<Json> get(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /// @return the member where it is a text; empty where it is absent or something else
    public Optional<String> text(String name) {
        return members.get(name) instanceof JsonText(String value) ? Optional.of(value) : Optional.empty();
    }

    /// @return the member where it is an int64; empty where it is absent or something else
    public OptionalLong integer(String name) {
        return members.get(name) instanceof JsonNumber number ? number.exactLong() : OptionalLong.empty();
    }

    /// @return true only where the member is the literal `true`
    public boolean isTrue(String name) {
        return members.get(name) == JsonBoolean.TRUE;
    }

    public Optional<JsonObject> object(String name) {
        return members.get(name) instanceof JsonObject object ? Optional.of(object) : Optional.empty();
    }

    public Optional<JsonArray> array(String name) {
        return members.get(name) instanceof JsonArray array ? Optional.of(array) : Optional.empty();
    }

    public boolean has(String name) {
        return members.containsKey(name);
    }

    /// @return a copy with one member set; its place is kept, or it comes last
    public JsonObject set(String name, Json value) {
        var copy = new Owned(members);
        copy.put(name, value);
        return new JsonObject(copy);
    }

    /// @return a copy without one member
    public JsonObject without(String name) {
        var copy = new Owned(members);
        copy.remove(name);
        return new JsonObject(copy);
    }

    @Override
    public String toString() {
        return JsonText.write(this);
    }

    /// Collects members in order; a name given twice keeps its first place and its last value.
    public static final class Builder {
        private Owned members = new Owned();
        private boolean built;

        public Builder with(String name, Json value) {
            open().put(name, value);
            return this;
        }

        public Builder with(String name, String value) {
            return with(name, new JsonText(value));
        }

        public Builder with(String name, long value) {
            return with(name, JsonNumber.of(value));
        }

        public Builder with(String name, boolean value) {
            return with(name, JsonBoolean.of(value));
        }

        /// Adds the member only where there is a value.
        public Builder with(String name, Optional<String> value) {
            value.ifPresent(text -> with(name, text));
            return this;
        }

        public Builder withAll(Map<String, Json> more) {
            open().putAll(more);
            return this;
        }

        public JsonObject build() {
            built = true;
            return new JsonObject(members);
        }

        /// What was built is never touched again.
        private Owned open() {
            if (built) members = new Owned(members);
            built = false;
            return members;
        }
    }
}
