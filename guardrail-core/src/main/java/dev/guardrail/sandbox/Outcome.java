package dev.guardrail.sandbox;

/// What became of a command in a sandbox. None of its processes lives any more.
public sealed interface Outcome {
    /// It ended by itself and said that it went well.
    record Succeeded() implements Outcome {}

    /// It ended by itself and said that it did not.
    ///
    /// @param exitCode from 1 to 255; 128 and a signal's number where one ended it
    record Failed(int exitCode) implements Outcome {}

    /// It was ended, since its time was over.
    record TimedOut() implements Outcome {}

    /// It was ended, since it used too much of something.
    record OverLimit(Bound bound) implements Outcome {}

    /// What there is a limit on.
    enum Bound {
        CPU("cpu"),
        MEMORY("memory"),
        FILE("file"),
        OUTPUT("output");

        private final String text;

        Bound(String text) {
            this.text = text;
        }

        /// The word in a profile's `limits`.
        public String text() {
            return text;
        }
    }
}
