package dev.guardrail.call;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Arguments with places to be filled: `${args.path}`, `${before.content[0].text}`, `${result.id}`, `${now.version}`,
/// `${call.id}`. A place that is a whole text keeps the type of what fills it; inside a longer text it must be a text,
/// a number or a boolean. What fills a place is never looked at for places again.
///
/// @param source as the operator wrote it
public record Template(JsonObject source) {
    /// What a place can begin with.
    public static final List<String> ROOTS = List.of("args", "before", "result", "now", "call");

    private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]*)\\}");
    private static final Pattern PATH =
            Pattern.compile("[a-z]+(?:\\.[A-Za-z_][A-Za-z0-9_-]{0,63}|\\[[0-9]{1,4}\\]){1,16}");
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[]+)|\\[([0-9]+)\\]");

    /// What became of filling it.
    public sealed interface Filled {
        record Whole(JsonObject value) implements Filled {}

        /// @param place that could not be filled, as it is written
        record Missing(String place) implements Filled {}
    }

    /// Fills every place.
    ///
    /// @param roots values by the word that their places begin with
    /// @return [Filled.Missing] where what a place names is not there, or does not fit into the text around
    /// it; never an empty text in its stead
    public Filled fill(Map<String, ? extends Json> roots) {
        return fill(roots, Set.of());
    }

    /// @param open words whose places stay as they are written
    public Filled fill(Map<String, ? extends Json> roots, Set<String> open) {
        try {
            return new Filled.Whole((JsonObject) new Filling(roots, open).filled(source));
        } catch (Gap gap) {
            return new Filled.Missing(gap.place);
        }
    }

    /// Words that its places begin with.
    public Set<String> roots() {
        var roots = new TreeSet<String>();
        places(source).forEach(place -> roots.add(root(place)));
        return roots;
    }

    /// Places that are no path of a known root.
    public List<String> malformed() {
        return places(source).stream()
                .filter(place -> !PATH.matcher(place).matches() || !ROOTS.contains(root(place)))
                .toList();
    }

    /// Names of the arguments that its places begin with: `path` of `${args.path.x}`.
    public Set<String> arguments() {
        var names = new TreeSet<String>();
        for (String place : places(source)) {
            Matcher step = STEP.matcher(place);
            if (root(place).equals("args") && step.find() && step.group(1) != null) names.add(step.group(1));
        }
        return names;
    }

    private static String root(String place) {
        Matcher step = STEP.matcher(place);
        return step.find() ? place.substring(0, step.start()) : place;
    }

    private static List<String> places(Json json) {
        var places = new ArrayList<String>();
        switch (json) {
            case JsonObject object -> object.members().values().forEach(member -> places.addAll(places(member)));
            case JsonArray(List<Json> items) -> items.forEach(item -> places.addAll(places(item)));
            case JsonText(String text) -> PLACE.matcher(text).results().forEach(found -> places.add(found.group(1)));
            case JsonNumber number -> {}
            case JsonBoolean flag -> {}
            case dev.guardrail.base.JsonNull nothing -> {}
        }
        return places;
    }

    /// One filling.
    private record Filling(Map<String, ? extends Json> roots, Set<String> open) {
        private Json filled(Json json) throws Gap {
            return switch (json) {
                case JsonObject object -> {
                    var members = new LinkedHashMap<String, Json>();
                    for (var member : object.members().entrySet())
                        members.put(member.getKey(), filled(member.getValue()));
                    yield new JsonObject(members);
                }
                case JsonArray(List<Json> items) -> {
                    var filled = new ArrayList<Json>();
                    for (Json item : items) filled.add(filled(item));
                    yield new JsonArray(filled);
                }
                case JsonText(String text) -> filled(text);
                case JsonNumber number -> number;
                case JsonBoolean flag -> flag;
                case dev.guardrail.base.JsonNull nothing -> nothing;
            };
        }

        private Json filled(String text) throws Gap {
            Matcher place = PLACE.matcher(text);
            if (place.matches()) return value(place.group(1));
            var whole = new StringBuilder();
            int from = 0;
            while (place.find()) {
                whole.append(text, from, place.start()).append(words(place.group(1), value(place.group(1))));
                from = place.end();
            }
            return from == 0
                    ? new JsonText(text)
                    : new JsonText(whole.append(text.substring(from)).toString());
        }

        private static String words(String place, Json value) throws Gap {
            return switch (value) {
                case JsonText(String text) -> text;
                case JsonNumber number -> number.toString();
                case JsonBoolean flag -> flag.toString();
                case JsonObject object -> throw new Gap(place);
                case JsonArray array -> throw new Gap(place);
                case dev.guardrail.base.JsonNull nothing -> throw new Gap(place);
            };
        }

        private Json value(String place) throws Gap {
            if (open.contains(root(place))) return new JsonText("${" + place + "}");
            Json value = roots.get(root(place));
            Matcher step = STEP.matcher(place);
            while (step.find() && value != null)
                value = member(value, step.group(1), step.group(2)).orElse(null);
            if (value == null) throw new Gap(place);
            return value;
        }
    }

    private static Optional<Json> member(Json value, String name, String index) {
        if (name != null) return value instanceof JsonObject object ? object.get(name) : Optional.empty();
        if (!(value instanceof JsonArray(List<Json> items))) return Optional.empty();
        int at = Integer.parseInt(index);
        return at < items.size() ? Optional.of(items.get(at)) : Optional.empty();
    }

    /// A place that cannot be filled.
    private static final class Gap extends Exception {
        private static final long serialVersionUID = 1L;
        private final String place;

        Gap(String place) {
            super(place, null, false, false);
            this.place = place;
        }
    }
}
