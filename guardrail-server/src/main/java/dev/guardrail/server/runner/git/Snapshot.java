package dev.guardrail.server.runner.git;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// All of a repository that is put back.
///
/// @param head what `HEAD` says: `ref: ` and the name of a branch, or the id of a commit
/// @param refs by name, each an id, or `ref: ` and another name
/// @param records of what git is in the middle of: bytes of files in `.git`, by their path there
/// @param items what lies in the work tree, by path
/// @param times when each file was changed last, which others may compare by
/// @param contents of files and links that no object of the index holds, by object id
record Snapshot(
        ObjectFormat format,
        String head,
        SortedMap<String, String> refs,
        SortedMap<String, byte[]> records,
        List<Index.Entry> index,
        SortedMap<String, Item> items,
        SortedMap<String, Instant> times,
        Map<String, byte[]> contents) {
    static final String LINK = "ref: ";

    /// Branches that stand for others, at most.
    private static final int HOPS = 5;

    /// What is checked out.
    ///
    /// @return empty where nothing was committed yet
    static Optional<String> commit(String head, Map<String, String> refs) {
        Optional<String> at = Optional.of(head);
        for (int hop = 0; hop < HOPS && at.filter(Snapshot::isLink).isPresent(); hop++)
            at = at.map(Snapshot::linked).map(refs::get);
        return at.filter(id -> !isLink(id));
    }

    static boolean isLink(String ref) {
        return ref.startsWith(LINK);
    }

    static String linked(String ref) {
        return ref.substring(LINK.length());
    }

    /// What git would check out for an index, by path.
    static SortedMap<String, Item> expected(List<Index.Entry> index, Usual usual) {
        var expected = new TreeMap<String, Item>();
        for (Index.Entry entry : index)
            if (entry.stage() == 0 && !entry.skipped())
                expected.put(
                        entry.path(),
                        switch (entry.mode()) {
                            case Index.LINK -> Item.link(entry.oid());
                            case Index.EXECUTABLE -> Item.file(usual.run(), entry.oid());
                            default -> Item.file(usual.file(), entry.oid());
                        });
        return expected;
    }
}
