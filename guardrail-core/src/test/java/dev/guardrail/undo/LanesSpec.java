package dev.guardrail.undo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Which calls can be taken back side by side.
final class LanesSpec {
    private static Extent extent(String server, String... touches) {
        return new Extent(server, List.of(touches));
    }

    private static List<List<Integer>> lanes(Extent... extents) {
        List<Integer> calls = new ArrayList<>();
        for (int i = 0; i < extents.length; i++) calls.add(i);
        return Lanes.of(calls, call -> extents[call]);
    }

    @Test
    void what_is_about_other_things_goes_side_by_side_and_what_is_about_the_same_in_order() {
        assertEquals(
                List.of(List.of(0, 2), List.of(1)),
                lanes(extent("files", "/w/a"), extent("files", "/w/b"), extent("files", "/w/a")));
    }

    @Test
    void what_lies_below_is_about_the_same_whichever_comes_first() {
        assertEquals(List.of(List.of(0, 1)), lanes(extent("files", "/w/d"), extent("files", "/w/d/x")));
        assertEquals(List.of(List.of(0, 1)), lanes(extent("files", "/w/d/x/y"), extent("files", "/w/d/")));
        assertEquals(List.of(List.of(0, 1)), lanes(extent("files", "/w/d/x/y"), extent("files", "/")));
        assertEquals(List.of(List.of(0), List.of(1)), lanes(extent("files", "/w/d"), extent("files", "/w/dx")));
    }

    @Test
    void one_that_touches_two_things_joins_both() {
        assertEquals(
                List.of(List.of(0, 1, 2)),
                lanes(extent("files", "/a"), extent("files", "/b"), extent("files", "/a", "/b")));
    }

    @Test
    void what_is_below_stays_joined_when_something_above_has_come() {
        assertEquals(
                List.of(List.of(0, 1, 2, 3)),
                lanes(
                        extent("files", "/d/x"),
                        extent("files", "/d/y"),
                        extent("files", "/d"),
                        extent("files", "/d/x")));
    }

    @Test
    void one_of_which_nobody_says_what_it_is_about_holds_its_whole_server() {
        assertEquals(
                List.of(List.of(0, 1, 3), List.of(2)),
                lanes(extent("crm", "a"), extent("crm"), extent("files", "b"), extent("crm", "c")));
    }

    @Test
    void the_same_thing_under_two_servers_is_the_same_thing() {
        assertEquals(List.of(List.of(0, 1)), lanes(extent("files", "/a"), extent("workspace", "/a")));
    }

    /// Against a plain model: a graph of all pairs.
    @Test
    void random_extents_are_parted_as_a_plain_model_parts_them() {
        var random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            var extents = new Extent[1 + random.nextInt(12)];
            for (int i = 0; i < extents.length; i++) extents[i] = any(random);
            assertEquals(model(extents), lanes(extents), () -> Arrays.toString(extents));
        }
    }

    private static Extent any(Random random) {
        var touches = new ArrayList<String>();
        for (int n = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(2); n > 0; n--) {
            var name = new StringBuilder();
            for (int depth = 1 + random.nextInt(3); depth > 0; depth--)
                name.append('/').append((char) ('a' + random.nextInt(4)));
            touches.add(name.toString());
        }
        return new Extent(random.nextBoolean() ? "one" : "two", touches);
    }

    private static List<List<Integer>> model(Extent... extents) {
        var lanes = new ArrayList<List<Integer>>();
        Set<Integer> done = new HashSet<>();
        for (int first = 0; first < extents.length; first++) {
            if (!done.add(first)) continue;
            var lane = new ArrayList<>(List.of(first));
            for (int at = 0; at < lane.size(); at++)
                for (int other = 0; other < extents.length; other++)
                    if (!lane.contains(other) && related(extents[lane.get(at)], extents[other])) lane.add(other);
            done.addAll(lane);
            lanes.add(lane.stream().sorted().toList());
        }
        return lanes;
    }

    private static boolean related(Extent one, Extent other) {
        if (one.server().equals(other.server())
                && (one.touches().isEmpty() || other.touches().isEmpty())) return true;
        return one.touches().stream()
                .anyMatch(a -> other.touches().stream()
                        .anyMatch(b -> a.equals(b) || a.startsWith(b + "/") || b.startsWith(a + "/")));
    }
}
