package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A value laid out on a page by its types: a member a line, lists as items, texts in quotes. A text of several lines,
/// or
/// that fits none, stands below its name, each line of it behind a bar of its own, so that no line of a text can pass
/// for a member.
///
/// What is laid out is the same at every width, and so is what must be opened.
final class Exhibit {
    /// Levels that are indented; what lies deeper is written as JSON.
    private static final int DEEPEST = 8;

    /// Longest text that stands beside its name, in code points as shown.
    private static final int BESIDE = 48;

    /// Longest name, the same.
    private static final int NAME = 80;

    private static final String BAR = "> ";

    private final Page page;
    private final Room room;
    private final String margin;
    private final Set<String> mustOpen = new LinkedHashSet<>();
    private long left;

    /// @param margin what every line begins with
    Exhibit(Page page, Room room, String margin) {
        this.page = page;
        this.room = room;
        this.margin = margin;
        this.left = room.total();
    }

    /// Lays a value out.
    ///
    /// @param name what places in it begin with
    /// @return places of what was left out in part
    static Set<String> lay(Page page, Room room, String margin, String name, Json value) {
        var exhibit = new Exhibit(page, room, margin);
        exhibit.value("", "", name, value, 0);
        return exhibit.mustOpen();
    }

    /// Places whose values have to be opened to be read whole, in order.
    static List<String> mustOpen(String name, Json value) {
        return List.copyOf(lay(new Page(80), Room.SHEET, "", name, value));
    }

    Set<String> mustOpen() {
        return mustOpen;
    }

    /// @param lead of the first line, behind the margin: indentation and name
    /// @param indent of what stands below
    private void value(String lead, String indent, String place, Json value, int depth) {
        switch (value) {
            case JsonText(String text) -> text(lead, indent, place, text);
            case JsonObject(Map<String, Json> members)
            when !members.isEmpty() && depth < DEEPEST -> {
                if (!lead.isBlank()) put(lead, indent, List.of());
                members(List.copyOf(members.entrySet()), lead.isBlank() ? indent : indent + "  ", place, depth);
            }
            case JsonArray(List<Json> items)
            when !items.isEmpty() && depth < DEEPEST -> {
                if (!lead.isBlank()) put(lead, indent, List.of());
                items(items, lead.isBlank() ? indent : indent + "  ", place, depth);
            }
            case JsonObject(Map<String, Json> members) when !members.isEmpty() -> deep(lead, indent, place, value);
            case JsonArray(List<Json> items) when !items.isEmpty() -> deep(lead, indent, place, value);
            case Json plain -> put(lead, indent, List.of(new Segment.Plain(plain.toString())));
        }
    }

    private void deep(String lead, String indent, String place, Json value) {
        text(lead + "JSON ", indent, place, value.toString());
    }

    private void members(List<Map.Entry<String, Json>> members, String indent, String place, int depth) {
        for (int i = 0; i < members.size(); i++) {
            if (mustFold(i, members.size())) {
                int end = endOfFold(i, members.size());
                fold(
                        indent,
                        place,
                        members.subList(i, end).stream().map(Exhibit::json).toList(),
                        "members");
                i = end - 1;
                continue;
            }
            Map.Entry<String, Json> member = members.get(i);
            String at = Survey.member(place, member.getKey());
            value(indent + name(member.getKey(), at) + ": ", indent, at, member.getValue(), depth + 1);
        }
    }

    private static String json(Map.Entry<String, Json> member) {
        return new JsonText(member.getKey()) + ":" + member.getValue();
    }

    private void items(List<Json> items, String indent, String place, int depth) {
        for (int i = 0; i < items.size(); i++) {
            if (mustFold(i, items.size())) {
                int end = endOfFold(i, items.size());
                fold(
                        indent,
                        place,
                        items.subList(i, end).stream().map(Json::toString).toList(),
                        "items");
                i = end - 1;
                continue;
            }
            value(indent + "- ", indent, place + '.' + i, items.get(i), depth + 1);
        }
    }

    /// In the middle of too many, or where there is no room left at all.
    private boolean mustFold(int index, int size) {
        return size > room.members() && index == room.members() / 2 || left <= 0;
    }

    private int endOfFold(int index, int size) {
        return left <= 0 ? size : Math.max(index + 1, size - room.members() / 4);
    }

    private void fold(String indent, String place, List<String> folded, String what) {
        mustOpen.add(place);
        long bytes = folded.stream().mapToLong(Reading::bytes).sum();
        put(
                indent,
                indent,
                List.of(new Segment.Note(folded.size() + " more " + what + ", " + Segment.Rest.more(bytes))));
    }

    /// A name as it is, or in quotes where it is more than letters and digits.
    private String name(String name, String place) {
        boolean plain = !name.isEmpty()
                && name.chars()
                        .allMatch(unit -> unit < 0x80 && (Character.isLetterOrDigit(unit) || "_-.".indexOf(unit) >= 0));
        if (plain && name.length() <= NAME) return name;
        var legible = Legible.of(name, room.isWhole() ? room : new Room(NAME, NAME, 1));
        if (legible.mustOpen()) mustOpen.add(place);
        return quoted(legible);
    }

    /// In one line and in quotes; quotes in it are escaped.
    static String quoted(Legible legible) {
        var line = new StringBuilder("\"");
        for (Segment segment : legible.segments())
            line.append(
                    segment instanceof Segment.Plain(String plain)
                            ? plain.replace("\\", "\\\\").replace("\"", "\\\"")
                            : segment.shown());
        return line.append('"').toString();
    }

    private void text(String lead, String indent, String place, String text) {
        int most = (int) Math.max(Room.LINE, Math.min(room.value(), left));
        var legible = Legible.of(text, room.isWhole() ? room : new Room(most, most, 1));
        if (legible.mustOpen()) mustOpen.add(place);
        var segments = new ArrayList<Segment>();
        segments.add(new Segment.Plain("\""));
        segments.addAll(legible.segments());
        segments.add(new Segment.Plain("\""));
        if (legible.isOneLine() && legible.cost() <= BESIDE) {
            put(lead, indent, segments);
            return;
        }
        if (!lead.isBlank()) put(lead, indent, List.of());
        left -= legible.cost();
        String bar = margin + indent + (lead.isBlank() ? "" : "  ") + BAR;
        page.put(bar, bar, segments);
    }

    private void put(String lead, String indent, List<Segment> segments) {
        left -= Room.LINE + lead.length();
        for (Segment segment : segments) left -= segment.shown().length();
        page.put(margin, margin + indent + Page.MORE, join(lead, segments));
    }

    /// A lead may be long, so it is wrapped as what follows it.
    private static List<Segment> join(String lead, List<Segment> segments) {
        var all = new ArrayList<Segment>();
        all.add(new Segment.Plain(lead));
        all.addAll(segments);
        return all;
    }
}
