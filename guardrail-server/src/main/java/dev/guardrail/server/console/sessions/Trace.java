package dev.guardrail.server.console.sessions;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.audit.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A session drawn over time, in lanes, from 0 to [#WIDTH]. Time in which nothing happened takes little room.
public record Trace(List<Dot> dots, List<Band> bands, List<Integer> folds, String words) {
    public static final int WIDTH = 1000;

    /// A longer pause is folded to as much room as this takes.
    static final Duration FOLD = Duration.ofMinutes(2);

    private static final int EDGE = 12;

    public Trace {
        dots = List.copyOf(dots);
        bands = List.copyOf(bands);
        folds = List.copyOf(folds);
    }

    /// Something that happened.
    ///
    /// @param lane `calls`, `outcomes` or `changes`
    public record Dot(String lane, int x, String tone, String word) {}

    /// How long people were waited for.
    public record Band(int x, int width) {}

    /// @param entries oldest first
    static Trace of(List<JsonObject> entries) {
        long[] places = places(entries);
        long whole = entries.isEmpty() ? 1 : Math.max(1, places[places.length - 1]);
        var dots = new ArrayList<Dot>();
        var folds = new ArrayList<Integer>();
        var waits = new Waits();
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.get(i);
            int x = x(places[i], whole);
            if (i > 0 && isIdle(entries.get(i - 1), entry)) folds.add((x(places[i - 1], whole) + x) / 2);
            waits.take(entry, x);
            Badge badge = Told.badge(entry);
            lane(entry).ifPresent(lane -> dots.add(new Dot(lane, x, badge.tone(), badge.word())));
        }
        return new Trace(dots, waits.bands(entries.isEmpty() ? 0 : WIDTH - EDGE), folds, words(entries));
    }

    private static long[] places(List<JsonObject> entries) {
        long[] places = new long[entries.size()];
        for (int i = 1; i < places.length; i++) {
            long pause = Math.max(0, Told.millis(entries.get(i)) - Told.millis(entries.get(i - 1)));
            places[i] = places[i - 1] + Math.min(pause, FOLD.toMillis());
        }
        return places;
    }

    static boolean isIdle(JsonObject before, JsonObject entry) {
        return Told.millis(entry) - Told.millis(before) > FOLD.toMillis();
    }

    private static int x(long place, long whole) {
        return (int) (EDGE + place * (WIDTH - 2L * EDGE) / whole);
    }

    private static Optional<String> lane(JsonObject entry) {
        return switch (Told.word(entry, "kind")) {
            case "decided" -> Optional.of("calls");
            case "executed" -> Optional.of("outcomes");
            case "session_changed" -> Optional.of("changes");
            default -> Optional.empty();
        };
    }

    private static String words(List<JsonObject> entries) {
        long calls = entries.stream()
                .filter(entry -> Told.word(entry, "kind").equals("decided"))
                .count();
        return calls + " decisions among " + entries.size() + " entries; the list below says the same";
    }

    /// Requests to people that are open while entries are gone through.
    private static final class Waits {
        private final Map<String, Integer> open = new HashMap<>();
        private final List<Band> bands = new ArrayList<>();

        void take(JsonObject entry, int x) {
            String ticket = Told.word(entry, "ticket");
            if (ticket.isEmpty()) return;
            switch (Told.word(entry, "kind")) {
                case "decided" -> open.putIfAbsent(ticket, x);
                case "ticket_closed" ->
                    Optional.ofNullable(open.remove(ticket)).ifPresent(begin -> bands.add(band(begin, x)));
                default -> {}
            }
        }

        List<Band> bands(int end) {
            open.values().forEach(begin -> bands.add(band(begin, end)));
            open.clear();
            return bands;
        }

        private static Band band(int begin, int end) {
            return new Band(begin, Math.max(4, end - begin));
        }
    }
}
