package dev.guardrail.server.console.policies;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Store;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What rules decided in the latest decisions of the log.
///
/// @param looked number of decisions that were looked at
/// @param byRule ids of rules that gave an answer, or would have given one on trial
record Deeds(int looked, Map<String, Deed> byRule) {
    private static final int LOOKED_AT = 5_000;
    private static final int PAGE = 500;

    Deeds {
        byRule = Map.copyOf(byRule);
    }

    /// @param last when the latest was, RFC 3339
    record Deed(int count, String last) {
        static final Deed NONE = new Deed(0, "");
    }

    Deed of(String rule) {
        return byRule.getOrDefault(rule, Deed.NONE);
    }

    static Deeds latest(Store store) {
        var query = new Store.Query(null, null, null, null, null, "decided");
        var byRule = new HashMap<String, Deed>();
        int looked = 0;
        long before = Long.MAX_VALUE;
        try {
            while (looked < LOOKED_AT) {
                List<Store.Found> page = store.search(query, before, PAGE);
                for (Store.Found found : page) count((JsonObject) StrictJson.parse(found.bytes()), byRule);
                looked += page.size();
                if (page.size() < PAGE) break;
                before = page.getLast().seq();
            }
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
        return new Deeds(looked, byRule);
    }

    /// Entries come newest first, so the first of a rule is its latest.
    private static void count(JsonObject entry, Map<String, Deed> byRule) {
        String at = entry.text("at").orElse("");
        Stream.of("rules", "shadow")
                .flatMap(member -> entry.array(member).stream())
                .flatMap(rules -> rules.texts().stream())
                .forEach(rule -> byRule.merge(
                        rule, new Deed(1, at), (before, one) -> new Deed(before.count() + 1, before.last())));
    }
}
