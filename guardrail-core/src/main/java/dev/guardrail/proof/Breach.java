package dev.guardrail.proof;

import java.util.Optional;

/// Why an entry is wrong.
///
/// @param word stable
/// @param sentence continues "entry 17 …"
record Breach(String word, String sentence) {
    static Optional<Breach> of(String word, String sentence) {
        return Optional.of(new Breach(word, sentence));
    }

    /// @return a breach unless `holds`
    static Optional<Breach> unless(boolean holds, String word, String sentence) {
        return holds ? Optional.empty() : of(word, sentence);
    }
}
