package dev.guardrail.pipeline;

import dev.guardrail.base.Glyph;
import java.util.ArrayList;
import java.util.List;

/// Finds characters that a model reads and a person does not see: controls, bidirectional marks, zero-width ones, tags,
/// variation selectors, private use, unassigned ones, blank letters, and U+FFFD, which stands for what could not be
/// read ([Glyph]). Joiners and presentation selectors count as ordinary inside an emoji, and nowhere else: a text in a
/// script that joins letters with them waits for an operator once, rather than every such text for nobody.
final class HiddenText {
    /// Most that are told of one text.
    private static final int MOST = 8;

    private static final int ZERO_WIDTH_JOINER = 0x200D;
    private static final int TEXT_STYLE = 0xFE0E;
    private static final int EMOJI_STYLE = 0xFE0F;
    private static final int KEYCAP = 0x20E3;

    private HiddenText() {}

    /// What a text is, and so whether it may have layout.
    enum Use {
        /// A description, a default, an example: it may hold tabs and line breaks (`\n`, `\r\n`).
        PROSE,
        /// A name or title: one line, and no blank but the space.
        LABEL
    }

    /// A hidden character.
    ///
    /// @param at index in code points
    record Spot(int at, int point) {
        @Override
        public String toString() {
            return "[%d] U+%04X".formatted(at, point);
        }
    }

    /// @return the first [#MOST] of them
    static List<Spot> in(String text, Use use) {
        int[] points = text.codePoints().toArray();
        var spots = new ArrayList<Spot>();
        for (int i = 0; i < points.length && spots.size() < MOST; i++)
            if (isHidden(points, i, use)) spots.add(new Spot(i, points[i]));
        return List.copyOf(spots);
    }

    private static boolean isHidden(int[] points, int i, Use use) {
        int point = points[i];
        if (point >= ' ' && point < 0x7F) return false;
        if (use == Use.PROSE && isLayout(points, i)) return false;
        if (point == ZERO_WIDTH_JOINER) return !joinsEmoji(points, i);
        if (point == EMOJI_STYLE || point == TEXT_STYLE) return !stylesEmoji(points, i);
        return switch (Glyph.of(point)) {
            case HIDDEN -> true;
            case BLANK -> use == Use.LABEL;
            case COMBINING, DRAWN -> false;
        };
    }

    private static boolean isLayout(int[] points, int i) {
        return points[i] == '\n'
                || points[i] == '\t'
                || points[i] == '\r' && i + 1 < points.length && points[i + 1] == '\n';
    }

    /// Between two pictographs, the first perhaps with its presentation or skin tone (Unicode TS 51,
    /// `emoji_zwj_element`).
    private static boolean joinsEmoji(int[] points, int i) {
        int before = i - 1;
        while (before >= 0 && (points[before] == EMOJI_STYLE || Character.isEmojiModifier(points[before]))) before--;
        return before >= 0
                && i + 1 < points.length
                && Character.isExtendedPictographic(points[before])
                && Character.isExtendedPictographic(points[i + 1]);
    }

    /// Right after an emoji; after a digit, `#` or `*` only as part of a keycap.
    private static boolean stylesEmoji(int[] points, int i) {
        if (i == 0) return false;
        int before = points[i - 1];
        return before < 0x80
                ? Character.isEmoji(before) && i + 1 < points.length && points[i + 1] == KEYCAP
                : Character.isEmoji(before);
    }
}
