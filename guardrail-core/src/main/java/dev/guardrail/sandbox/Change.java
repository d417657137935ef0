package dev.guardrail.sandbox;

import dev.guardrail.base.Sha256;
import java.time.Instant;

/// What becomes of one place of a workspace. Something that is moved is deleted at one place and created at another.
///
/// @param place path from the workspace, `/` between its parts
public record Change(String place, Entry before, Entry after) {

    /// What stands at a place.
    public sealed interface Entry {
        record Nothing() implements Entry {}

        /// @param mode as `rw-r--r--`
        /// @param modified to the nanosecond
        record File(String mode, long bytes, Instant modified, Sha256 content) implements Entry {}

        /// @param mode as `rwxr-xr-x`
        record Directory(String mode) implements Entry {}

        /// @param leadsTo as it is written in it
        record Link(String leadsTo) implements Entry {}

        /// Something that could not be read, or is none of these.
        record Other(String what) implements Entry {}
    }

    public enum Kind {
        CREATED("created"),
        OVERWRITTEN("overwritten"),
        DELETED("deleted"),
        /// Something of another kind stands there.
        REPLACED("replaced"),
        /// Only who may do what with it.
        MODE("mode"),
        /// Only its time.
        TOUCHED("touched");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /// One word, for people.
        public String word() {
            return word;
        }
    }

    public Kind kind() {
        if (before instanceof Entry.Nothing) return Kind.CREATED;
        if (after instanceof Entry.Nothing) return Kind.DELETED;
        if (before instanceof Entry.Directory && after instanceof Entry.Directory)
            return before.equals(after) ? Kind.TOUCHED : Kind.MODE;
        if (before instanceof Entry.Link && after instanceof Entry.Link) return Kind.OVERWRITTEN;
        if (before instanceof Entry.File was && after instanceof Entry.File is) {
            if (!was.content().equals(is.content())) return Kind.OVERWRITTEN;
            return was.mode().equals(is.mode()) ? Kind.TOUCHED : Kind.MODE;
        }
        return Kind.REPLACED;
    }
}
