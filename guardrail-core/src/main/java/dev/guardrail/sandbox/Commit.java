package dev.guardrail.sandbox;

import java.util.List;

/// What became of putting an [Impact] into the workspace, or of taking it back.
public sealed interface Commit {
    /// All of it is there, and nothing else.
    record Done() implements Commit {}

    /// Somebody else changed these places meanwhile. Nothing was written.
    record Conflict(List<String> places) implements Commit {
        public Conflict {
            places = List.copyOf(places);
        }
    }

    /// It may not be, or cannot be. Nothing was written.
    ///
    /// @param why lower-case clauses
    record Refused(List<String> why) implements Commit {
        public Refused {
            why = List.copyOf(why);
        }
    }
}
