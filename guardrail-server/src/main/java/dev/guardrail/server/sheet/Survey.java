package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What somebody is warned of in a value: every text in it and every name is looked at, however deep and however many.
final class Survey {
    /// Places that one warning names.
    private static final int NAMED = 4;

    /// Longest name that a place repeats, in code points as shown.
    private static final int NAME = 60;

    /// What places in a call's arguments begin with.
    static final String ARGUMENTS = "args";

    private final Map<Finding, List<String>> places = new EnumMap<>(Finding.class);

    /// One sentence for each kind of finding.
    static List<String> of(String name, Json value) {
        var survey = new Survey();
        survey.look(name, value);
        return survey.places.entrySet().stream()
                .map(found -> sentence(found.getKey(), found.getValue()))
                .toList();
    }

    /// The same of a call's arguments, and which of them must be opened to be read whole.
    static List<String> ofArguments(Json arguments) {
        var warnings = new ArrayList<>(of(ARGUMENTS, arguments));
        List<String> places = Exhibit.mustOpen(ARGUMENTS, arguments);
        if (!places.isEmpty()) warnings.add("too long to be shown at once, and must be opened: " + named(places));
        return List.copyOf(warnings);
    }

    /// A member's place, as warnings name it: `args.path`. It is fit to be shown.
    static String member(String place, String name) {
        String shown = Legible.line(name);
        return place
                + '.'
                + (shown.codePointCount(0, shown.length()) <= NAME ? shown : Legible.begin(name, NAME) + "‹and so on›");
    }

    private void look(String place, Json value) {
        switch (value) {
            case JsonObject(var members) ->
                members.forEach((name, member) -> {
                    String at = member(place, name);
                    note("the name " + quoted(at), name);
                    look(at, member);
                });
            case JsonArray(List<Json> items) -> {
                for (int i = 0; i < items.size(); i++) look(place + '.' + i, items.get(i));
            }
            case JsonText(String text) -> note(quoted(place), text);
            case Json plain -> {}
        }
    }

    private static String quoted(String place) {
        return '`' + place + '`';
    }

    private void note(String place, String text) {
        for (Finding finding : Legible.of(text).findings())
            places.computeIfAbsent(finding, none -> new ArrayList<>()).add(place);
    }

    private static String sentence(Finding finding, List<String> places) {
        return finding.text() + " in " + named(places);
    }

    private static String named(List<String> places) {
        int more = places.size() - NAMED;
        return String.join(", ", places.subList(0, Math.min(NAMED, places.size())))
                + (more > 0 ? " and " + more + (more == 1 ? " place" : " places") + " more" : "");
    }
}
