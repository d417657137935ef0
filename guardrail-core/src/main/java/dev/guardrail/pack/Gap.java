package dev.guardrail.pack;

import java.util.Comparator;
import java.util.Locale;

/// Something that no rule, hook or person covers.
///
/// @param about the tool, rule or server
public record Gap(Kind kind, String about, String message) implements Comparable<Gap> {
    private static final Comparator<Gap> ORDER =
            Comparator.comparing(Gap::kind).thenComparing(Gap::about).thenComparing(Gap::message);

    /// What is missing, the most pressing first.
    public enum Kind {
        /// The tool may change something, runs with nobody asked, and cannot be taken back.
        UNASKED_IRREVERSIBLE,
        /// Nobody says what the tool does.
        EFFECT_UNKNOWN,
        /// There are not as many people as the rule asks for.
        NOBODY_APPROVES,
        /// A rule asks for an undo that the tool never has.
        UNDO_NEVER,
        /// What takes the tool's calls back is never permitted.
        UNDO_DENIED,
        /// The rule is about no tool that is known.
        RULE_WITHOUT_TOOL,
        /// Nothing is known of what the server has.
        SERVER_UNKNOWN;

        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Override
    public int compareTo(Gap other) {
        return ORDER.compare(this, other);
    }
}
