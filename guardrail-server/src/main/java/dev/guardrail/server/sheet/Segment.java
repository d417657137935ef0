package dev.guardrail.server.sheet;

import java.nio.charset.StandardCharsets;

/// A piece of a text that others wrote, as people are shown it. Only [Plain] holds characters of theirs; the marks of
/// all others stand between `‹` and `›`, which no [Plain] holds.
public sealed interface Segment {
    /// How it reads, without the line break that follows a [Break].
    String shown();

    /// Bytes of the original, in UTF-8, that it stands for.
    long bytes();

    /// Characters as they are: all of them are seen.
    record Plain(String text) implements Segment {
        @Override
        public String shown() {
            return text;
        }

        @Override
        public long bytes() {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }
    }

    /// What stands in place of characters that are not seen, or of very many.
    record Mark(String label, long bytes) implements Segment {
        @Override
        public String shown() {
            return '‹' + label + '›';
        }
    }

    /// One line break, or many of which one is made.
    ///
    /// @param label empty for a single one
    record Break(String label, long bytes) implements Segment {
        /// Shown for a single line break; the same sign of others is marked.
        public static final char SIGN = '↵';

        @Override
        public String shown() {
            return label.isEmpty() ? String.valueOf(SIGN) : '‹' + label + '›';
        }
    }

    /// Our word on what stands before it; no character of the text is left out for it.
    record Note(String label) implements Segment {
        @Override
        public String shown() {
            return '‹' + label + '›';
        }

        @Override
        public long bytes() {
            return 0;
        }
    }

    /// The middle of a long text, left out: whoever decides must open it.
    record Rest(long bytes) implements Segment {
        @Override
        public String shown() {
            return '‹' + more(bytes) + '›';
        }

        /// How everything says it that leaves something out.
        static String more(long bytes) {
            return bytes + " more bytes – must open";
        }
    }
}
