package dev.guardrail.server.runner;

import dev.guardrail.server.runner.ConfinedTree.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What it takes to make one state of some places from another, in this order.
///
/// @param renames of what was moved: it goes back as it is, with all that is in it
/// @param removals files, links and empty directories, the deepest first
/// @param puts what is made anew, by place
/// @param tidied directories that go where they are empty, the deepest first
record RestorePlan(
        List<Rename> renames, List<String> removals, SortedMap<String, FileState> puts, List<String> tidied) {
    private static final Comparator<String> DEEPEST = Comparator.<String>comparingInt(
                    place -> FileStates.names(place).size())
            .reversed()
            .thenComparing(Comparator.naturalOrder());

    record Rename(String from, String to) {}

    /// @throws Refused where there is no way that keeps all else as it is
    static RestorePlan of(FileStates now, FileStates wanted) throws Refused {
        List<String> places = now.byPlace().keySet().stream()
                .filter(place -> wanted.byPlace().containsKey(place))
                .filter(place -> !now.at(place).equals(wanted.at(place)))
                .toList();
        List<Rename> renames = renames(places, now, wanted);
        Set<String> goes = set(renames.stream().map(Rename::from));
        Set<String> comes = set(renames.stream().map(Rename::to));
        var removals = new ArrayList<String>();
        var puts = new TreeMap<String, FileState>();
        var tidied = new HashSet<String>();
        for (String place : places) {
            FileState is = now.at(place);
            FileState was = wanted.at(place);
            if (was instanceof FileState.Absent(List<String> missing)) tidied.addAll(missing);
            if (is instanceof FileState.Absent gone && was instanceof FileState.Absent nothing) same(gone, nothing);
            if (!goes.contains(place) && isInTheWay(is, was)) removals.add(place);
            if (!comes.contains(place) && !(was instanceof FileState.Absent)) puts.put(place, was);
        }
        feasible(removals, puts, now);
        return new RestorePlan(
                renames,
                removals.stream().sorted(DEEPEST).toList(),
                puts,
                tidied.stream().sorted(DEEPEST).toList());
    }

    private static Set<String> set(Stream<String> places) {
        return new HashSet<>(places.toList());
    }

    private static List<Rename> renames(List<String> places, FileStates now, FileStates wanted) {
        var renames = new ArrayList<Rename>();
        var left = new ArrayList<>(places);
        for (String to : places) {
            FileState was = wanted.at(to);
            if (was instanceof FileState.Absent || !(now.at(to) instanceof FileState.Absent)) continue;
            left.stream().filter(from -> now.at(from).equals(was)).findFirst().ifPresent(from -> {
                left.remove(from);
                renames.add(new Rename(from, to));
            });
        }
        return List.copyOf(renames);
    }

    /// True where something has to go before; a file or a link is replaced by a rename.
    private static boolean isInTheWay(FileState is, FileState was) {
        if (is instanceof FileState.Absent) return false;
        return was instanceof FileState.Absent
                || was instanceof FileState.Directory
                || is instanceof FileState.Directory
                || is instanceof FileState.Tree;
    }

    private static void same(FileState.Absent gone, FileState.Absent nothing) throws Refused {
        if (!nothing.missing().containsAll(gone.missing()))
            throw new Refused("a directory on its way is gone, and how it was is not kept");
    }

    private static void feasible(List<String> removals, SortedMap<String, FileState> puts, FileStates now)
            throws Refused {
        for (FileState put : puts.values())
            if (!put.isWhole())
                throw new Refused("what was moved is not where it was moved to, and only its name was kept");
        for (String place : removals)
            if (now.at(place) instanceof FileState.Tree)
                throw new Refused("a directory that is not empty stands where there was something else");
    }
}
