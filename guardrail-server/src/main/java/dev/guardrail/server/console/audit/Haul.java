package dev.guardrail.server.console.audit;

import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What one look into the log found, newest first. It looks at so many entries at most.
///
/// @param from sequence that it looked down to, that one included; 0 where nothing is left to look at
record Haul(List<Line> lines, long from) {
    /// Entries that are found, and so counted, at most.
    static final int MOST = 500;

    private static final int LOOKED_AT = 10_000;
    private static final int PAGE = 500;

    Haul {
        lines = List.copyOf(lines);
    }

    /// @param before only sequences below this one
    static Haul of(Store store, Search search, long before) {
        return of(store, search, before, MOST, line -> true);
    }

    /// The same with more to be asked of what matches.
    ///
    /// @param most entries that are found at most
    static Haul of(Store store, Search search, long before, int most, Predicate<Line> fits) {
        var found = new ArrayList<Line>();
        long next = before;
        try {
            for (int seen = 0; seen < LOOKED_AT && found.size() < most; seen += PAGE) {
                List<Store.Found> page = store.search(search.query(), next, PAGE);
                for (Store.Found each : page) {
                    if (found.size() == most) return new Haul(found, next);
                    next = each.seq();
                    Line line = Line.of(each);
                    if (search.matches(line.entry()) && fits.test(line)) found.add(line);
                }
                if (page.size() < PAGE) return new Haul(found, 0);
            }
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
        return new Haul(found, next);
    }

    boolean isWhole() {
        return from == 0;
    }
}
