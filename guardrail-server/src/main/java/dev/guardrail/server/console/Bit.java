package dev.guardrail.server.console;

import dev.guardrail.server.sheet.Phrase;
import dev.guardrail.server.sheet.Segment;
import java.util.ArrayList;
import java.util.List;

/// A piece of a text as a page shows it: characters that are seen as they are, or a chip in place of what is not.
///
/// @param style class of the chip; empty for characters as they are
/// @param breaks true where a line ends behind it
/// @param strong true for what stands out
public record Bit(String text, String style, boolean breaks, boolean strong) {
    private static final String CHIP = "chip";

    public boolean isPlain() {
        return style.isEmpty();
    }

    /// True where some of it runs to the left, so that it is kept from turning what stands beside it.
    public boolean turns() {
        return text.codePoints()
                .anyMatch(point -> Character.getDirectionality(point) == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                        || Character.getDirectionality(point) == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC
                        || Character.getDirectionality(point) == Character.DIRECTIONALITY_ARABIC_NUMBER);
    }

    /// What others wrote, as the sheet has made it legible.
    public static List<Bit> of(List<Segment> segments) {
        return segments.stream().map(Bit::of).toList();
    }

    private static Bit of(Segment segment) {
        return switch (segment) {
            case Segment.Plain(String text) -> new Bit(text, "", false, false);
            case Segment.Mark(String label, long bytes) -> new Bit(label, CHIP, false, false);
            case Segment.Break(String label, long bytes) ->
                label.isEmpty()
                        ? new Bit(String.valueOf(Segment.Break.SIGN), "sign", true, false)
                        : new Bit(label, CHIP, true, false);
            case Segment.Note(String label) -> new Bit(label, CHIP + " note", false, false);
            case Segment.Rest rest ->
                new Bit(rest.shown().substring(1, rest.shown().length() - 1), CHIP + " rest", false, false);
        };
    }

    /// A sentence of ours with marks in it.
    public static List<Bit> of(String line) {
        var bits = new ArrayList<Bit>();
        add(bits, line, false);
        return List.copyOf(bits);
    }

    /// The same, in pieces.
    public static List<Bit> sentence(List<Phrase> phrases) {
        var bits = new ArrayList<Bit>();
        for (Phrase phrase : phrases) add(bits, phrase.text(), phrase.strong());
        return List.copyOf(bits);
    }

    private static void add(List<Bit> bits, String line, boolean strong) {
        int at = 0;
        while (at < line.length()) {
            int begin = line.indexOf('‹', at);
            int end = begin < 0 ? -1 : line.indexOf('›', begin);
            if (end < 0) begin = line.length();
            if (begin > at) bits.add(new Bit(line.substring(at, begin), "", false, strong));
            if (end < 0) return;
            bits.add(new Bit(line.substring(begin + 1, end), CHIP, false, false));
            at = end + 1;
        }
    }
}
