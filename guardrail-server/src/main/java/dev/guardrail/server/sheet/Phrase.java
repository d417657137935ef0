package dev.guardrail.server.sheet;

import java.util.List;
import java.util.stream.Collectors;

/// A piece of a sentence of ours. What others wrote in it is made legible already: marks stand between `‹` and `›`.
///
/// @param strong true for what stands out: who, and what
public record Phrase(String text, boolean strong) {

    /// A whole sentence.
    static String text(List<Phrase> phrases) {
        return phrases.stream().map(Phrase::text).collect(Collectors.joining());
    }
}
