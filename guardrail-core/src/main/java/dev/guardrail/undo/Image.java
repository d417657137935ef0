package dev.guardrail.undo;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import java.util.Optional;

/// What was found where a call acts.
public sealed interface Image {

    /// @param result of the reading tool, without `_meta`
    record Present(JsonObject result) implements Image {}

    /// There is nothing.
    record Absent() implements Image {}

    /// It could not be told.
    ///
    /// @param why one word
    /// @param clause the same in more words, lower-case; empty where nobody has said more
    record Unseen(String why, String clause) implements Image {
        public Unseen(String why) {
            this(why, "");
        }
    }

    /// Digest by which two states are compared, to be blinded before it is kept.
    ///
    /// @return empty where it could not be told: nothing equals that
    default Optional<Sha256> digest() {
        return switch (this) {
            case Present(JsonObject result) ->
                Optional.of(Sha256.of(JsonObject.with("present", result).build()));
            case Absent absent ->
                Optional.of(Sha256.of(
                        JsonObject.with("absent", JsonBoolean.of(true)).build()));
            case Unseen unseen -> Optional.empty();
        };
    }
}
