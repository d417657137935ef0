package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;

/// A compare-and-set on a document, part of a [Batch]. Version 0 means that there is none yet.
public sealed interface Change {
    Kind kind();

    String key();

    long expected();

    /// Replaces the document (or makes the first), giving it version `expected + 1`.
    record Put(Kind kind, String key, long expected, Document.Tags tags, JsonObject value) implements Change {}

    /// Changes nothing, but the batch fails unless the document still has this version.
    record Expect(Kind kind, String key, long expected) implements Change {}

    /// Removes the document.
    record Remove(Kind kind, String key, long expected) implements Change {}
}
