package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Exactness;
import dev.guardrail.journal.Reversal;
import dev.guardrail.undo.RestorePoint;
import java.util.Optional;
import java.util.regex.Pattern;

/// How a call that may run can be taken back, said before it runs.
///
/// @param point what is kept for it; empty where it cannot be taken back
/// @param clause why it cannot be taken back, in more words; empty where there are none
record Prepared(Reversal reversal, Optional<RestorePoint> point, String clause) {
    /// The member of what is kept that says why a state was not.
    static final String UNFIT = "unfit";

    private static final Pattern NAMES = Pattern.compile("`.*`", Pattern.DOTALL);

    /// Nobody said how to take it back, and nobody asks.
    static final Prepared NOTHING = new Prepared(Reversal.NONE, Optional.empty(), "");

    static Prepared of(Exactness exactness, RestorePoint point) {
        return new Prepared(Reversal.of(exactness, "").keptUntil(point.until()), Optional.of(point), "");
    }

    /// @param why one word
    static Prepared cannot(String why) {
        return cannot(why, "");
    }

    /// @param why one word
    /// @param clause the same in more words
    static Prepared cannot(String why, String clause) {
        return new Prepared(Reversal.of(Exactness.NONE, why).because(bare(clause)), Optional.empty(), clause);
    }

    /// A clause without the names that others chose, for where nothing is ever erased. A name may hold backquotes, so
    /// all is left out from the first to the last of them.
    private static String bare(String clause) {
        return NAMES.matcher(clause).replaceFirst("`…`");
    }

    /// What is to be kept of why it cannot be taken back, sealed as arguments are.
    Optional<JsonObject> refusal() {
        return clause.isEmpty()
                ? Optional.empty()
                : Optional.of(JsonObject.with(UNFIT, clause).build());
    }

    boolean isExact() {
        return reversal.exactness().equals(Optional.of(Exactness.EXACT));
    }
}
