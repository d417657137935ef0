package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A value as the rows of a page, by its types. The same places have to be opened as on a sheet; one that was opened is
/// shown whole, and nothing else is left out.
public final class Listing {
    /// What places in a call's arguments begin with.
    public static final String ARGUMENTS = Survey.ARGUMENTS;

    /// Levels that have rows of their own; what lies deeper is written as JSON.
    private static final int DEEPEST = 8;

    private static final Room SHORT = new Room(Room.LINE, Room.LINE, 1);
    private static final Room NAME = new Room(80, 80, 1);

    private final List<Row> rows = new ArrayList<>();
    private final Set<String> closed;

    private Listing(Set<String> closed) {
        this.closed = closed;
    }

    /// What a row holds.
    public enum Kind {
        TEXT,
        NUMBER,
        TRUTH,
        NOTHING,
        /// Its members, or items, follow in rows of their own.
        OBJECT,
        LIST,
        /// Some of them, left out.
        FOLDED
    }

    /// One member, item or value.
    ///
    /// @param place as warnings name it
    /// @param depth levels below the value itself
    /// @param name as it is shown; empty for what has none
    /// @param cut true where something is left out that has to be opened
    public record Row(String place, int depth, List<Segment> name, Kind kind, List<Segment> value, boolean cut) {
        public Row {
            name = List.copyOf(name);
            value = List.copyOf(value);
        }
    }

    /// @param name what places in it begin with
    /// @param opened places that whoever decides has opened
    public static List<Row> of(String name, Json value, Set<String> opened) {
        var closed = new java.util.HashSet<>(mustOpen(name, value));
        closed.removeAll(opened);
        var listing = new Listing(closed);
        if (value instanceof JsonObject || value instanceof JsonArray) listing.inside(name, value, 0);
        else listing.row(name, List.of(), value, 0);
        return List.copyOf(listing.rows);
    }

    /// Places that have to be opened to be read whole, in order.
    public static List<String> mustOpen(String name, Json value) {
        return Exhibit.mustOpen(name, value);
    }

    private void row(String place, List<Segment> name, Json value, int depth) {
        switch (value) {
            case JsonText(String text) -> text(place, name, Kind.TEXT, text, depth);
            case JsonNumber number -> text(place, name, Kind.NUMBER, number.toString(), depth);
            case JsonBoolean truth -> text(place, name, Kind.TRUTH, truth.toString(), depth);
            case JsonNull nothing -> text(place, name, Kind.NOTHING, nothing.toString(), depth);
            case JsonObject(Map<String, Json> members) -> {
                if (depth >= DEEPEST) text(place, name, Kind.TEXT, value.toString(), depth);
                else container(place, name, Kind.OBJECT, members.size() + " members", value, depth);
            }
            case JsonArray(List<Json> items) -> {
                if (depth >= DEEPEST) text(place, name, Kind.TEXT, value.toString(), depth);
                else container(place, name, Kind.LIST, items.size() + " items", value, depth);
            }
        }
    }

    private void container(String place, List<Segment> name, Kind kind, String size, Json value, int depth) {
        rows.add(new Row(place, depth, name, kind, List.of(new Segment.Plain(size)), false));
        inside(place, value, depth + 1);
    }

    private void text(String place, List<Segment> name, Kind kind, String text, int depth) {
        boolean cut = closed.contains(place);
        rows.add(new Row(place, depth, name, kind, shown(text, cut), cut));
    }

    /// All of a text, or its beginning and end.
    private static List<Segment> shown(String text, boolean cut) {
        var usual = Legible.of(text, Room.SHEET);
        if (cut) return (usual.mustOpen() ? usual : Legible.of(text, SHORT)).segments();
        return (usual.mustOpen() ? Legible.of(text) : usual).segments();
    }

    private void inside(String place, Json value, int depth) {
        switch (value) {
            case JsonObject(Map<String, Json> members) -> {
                int shown = closed.contains(place) ? Room.SHEET.members() / 2 : members.size();
                members.entrySet().stream().limit(shown).forEach(member -> {
                    String at = Survey.member(place, member.getKey());
                    row(at, name(member.getKey(), at), member.getValue(), depth);
                });
                fold(place, members.size() - shown, "members", depth);
            }
            case JsonArray(List<Json> items) -> {
                int shown = closed.contains(place) ? Room.SHEET.members() / 2 : items.size();
                for (int i = 0; i < Math.min(shown, items.size()); i++)
                    row(place + '.' + i, List.of(new Segment.Plain(String.valueOf(i))), items.get(i), depth);
                fold(place, items.size() - shown, "items", depth);
            }
            case JsonText text -> {}
            case JsonNumber number -> {}
            case JsonBoolean truth -> {}
            case JsonNull nothing -> {}
        }
    }

    private void fold(String place, int more, String what, int depth) {
        if (!closed.contains(place)) return;
        String label = more > 0 ? more + " more " + what + " – must open" : "shown in part – must open";
        rows.add(new Row(place, depth, List.of(), Kind.FOLDED, List.of(new Segment.Note(label)), true));
    }

    private List<Segment> name(String name, String place) {
        if (name.isEmpty()) return List.of(new Segment.Note("empty name"));
        return Legible.of(name, closed.contains(place) ? NAME : Room.WHOLE).segments();
    }
}
