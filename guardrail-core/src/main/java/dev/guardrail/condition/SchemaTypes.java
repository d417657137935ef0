package dev.guardrail.condition;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// CEL types of what one input schema (JSON Schema 2020-12) says of arguments, for checking only.
/// What the schema leaves open, combines or forms with `$ref` to elsewhere is `dyn`: not checked. So is `number`,
/// because a JSON `10` is one too. Read as far as a condition looks, so that a schema may refer to itself.
@SuppressWarnings("Immutable") // a memory of answers; callers take turns
final class SchemaTypes implements CelTypeProvider {
    private final JsonObject schema;
    private final Map<String, StructType> structs = new HashMap<>();
    private final IdentityHashMap<JsonObject, StructType> bySchema = new IdentityHashMap<>();

    SchemaTypes(JsonObject schema) {
        this.schema = schema;
    }

    /// Type of `args`.
    CelType arguments() {
        return object("args", schema);
    }

    /// Names of the fields of the object at the path below `args`, for suggestions; empty where none are known.
    ///
    /// @param path names, and `[]` for the items of an array
    Set<String> fields(List<String> path) {
        JsonObject at = resolved(schema, 0);
        for (String name : path) {
            var next = name.equals("[]")
                    ? at.object("items")
                    : at.object("properties").flatMap(properties -> properties.object(name));
            if (next.isEmpty()) return Set.of();
            at = resolved(next.get(), 0);
        }
        return at.object("properties").orElse(JsonObject.EMPTY).members().keySet();
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.copyOf(structs.values());
    }

    @Override
    public Optional<CelType> findType(String name) {
        return Optional.ofNullable(structs.get(name));
    }

    private CelType type(String path, Json json) {
        if (!(json instanceof JsonObject object)) return SimpleType.DYN;
        JsonObject at = resolved(object, 0);
        if (at.has("anyOf") || at.has("oneOf") || at.has("allOf") || at.has("$ref")) return SimpleType.DYN;
        List<String> types = types(at);
        if (types.size() == 1) return type(path, types.getFirst(), at);
        if (types.size() == 2 && types.contains("null")) {
            String other = types.getFirst().equals("null") ? types.getLast() : types.getFirst();
            CelType type = type(path, other, at);
            return type instanceof SimpleType && !type.equals(SimpleType.DYN)
                    ? NullableType.create(type)
                    : SimpleType.DYN;
        }
        return SimpleType.DYN;
    }

    private CelType type(String path, String type, JsonObject at) {
        return switch (type) {
            case "string" -> SimpleType.STRING;
            case "integer" -> SimpleType.INT;
            case "boolean" -> SimpleType.BOOL;
            case "null" -> SimpleType.NULL_TYPE;
            case "array" ->
                ListType.create(
                        at.get("items").map(items -> type(path + "[]", items)).orElse(SimpleType.DYN));
            case "object" -> object(path, at);
            default -> SimpleType.DYN;
        };
    }

    private static List<String> types(JsonObject at) {
        Json type = at.get("type").orElse(JsonBoolean.FALSE);
        if (type instanceof JsonText(String one)) return List.of(one);
        if (type instanceof JsonArray several) return several.texts();
        if (at.has("properties")) return List.of("object");
        var values =
                new ArrayList<Json>(at.array("enum").orElse(JsonArray.EMPTY).items());
        at.get("const").ifPresent(values::add);
        boolean texts = !values.isEmpty() && values.stream().allMatch(JsonText.class::isInstance);
        return texts ? List.of("string") : List.of();
    }

    /// A struct of the properties that the schema names; a map where it allows others, or names none.
    private CelType object(String path, JsonObject at) {
        Json more = at.get("additionalProperties").orElse(JsonBoolean.FALSE);
        JsonObject properties = at.object("properties").orElse(JsonObject.EMPTY);
        if (more != JsonBoolean.FALSE) {
            CelType others = properties.members().isEmpty() ? type(path + ".*", more) : SimpleType.DYN;
            return MapType.create(SimpleType.STRING, others);
        }
        if (!at.has("properties") && !at.has("additionalProperties"))
            return MapType.create(SimpleType.STRING, SimpleType.DYN);
        var known = bySchema.get(at);
        if (known == null) known = struct(path, at, properties);
        return StructTypeReference.create(known.name());
    }

    private StructType struct(String path, JsonObject at, JsonObject properties) {
        // A space keeps the name from ever being an identifier of a condition.
        String name = "object " + path;
        while (structs.containsKey(name)) name += "'";
        var struct = StructType.create(
                name,
                ImmutableSet.copyOf(properties.members().keySet()),
                field -> properties.get(field).map(property -> type(path + "." + field, property)));
        structs.put(name, struct);
        bySchema.put(at, struct);
        return struct;
    }

    /// The schema that a local `$ref` names; the reference itself where it leads elsewhere or in a circle.
    private JsonObject resolved(JsonObject at, int hops) {
        Optional<String> reference = at.text("$ref");
        if (reference.isEmpty() || hops == 8) return at;
        String pointer = reference.get();
        if (!pointer.startsWith("#/")) return at;
        JsonObject target = schema;
        for (String step : pointer.substring(2).split("/", -1)) {
            var next = target.object(step.replace("~1", "/").replace("~0", "~"));
            if (next.isEmpty()) return at;
            target = next.get();
        }
        return resolved(target, hops + 1);
    }

    /// True where the schema says something of arguments that can be checked.
    static boolean describes(Optional<JsonObject> schema) {
        return schema.filter(SchemaTypes::isObject).isPresent();
    }

    private static boolean isObject(JsonObject schema) {
        boolean combined = Set.of("anyOf", "oneOf", "allOf", "$ref").stream().anyMatch(schema::has);
        return !combined
                && (schema.has("properties")
                        || schema.text("type").filter("object"::equals).isPresent());
    }
}
