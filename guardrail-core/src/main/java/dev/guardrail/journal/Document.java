package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;
import org.jspecify.annotations.Nullable;

/// Present state of one thing, versioned for compare-and-set.
///
/// @param version 1 for the first; a [Change] names the version that it replaces
/// @param tags what it can be found by
public record Document(Kind kind, String key, long version, Tags tags, JsonObject value) {

    /// Columns to find documents by; null where a kind does not use one.
    ///
    /// @param session id of the session it belongs to
    /// @param state word of its state
    /// @param digest a keyed or salted digest, never a plain one of something guessable
    public record Tags(
            @Nullable String session,
            @Nullable String state,
            @Nullable String digest) {
        public static final Tags NONE = new Tags(null, null, null);
    }
}
