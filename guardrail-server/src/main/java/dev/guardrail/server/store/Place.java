package dev.guardrail.server.store;

import dev.guardrail.journal.Kind;
import java.util.Locale;

/// Where a document lies.
record Place(Kind kind, String key) {

    /// Word of a kind in the tables.
    static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
