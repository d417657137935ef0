package dev.guardrail.base;

/// What a code point leaves on a page or a terminal. One classification for everything that shows what others wrote:
/// logs, findings about tools, held calls, JSON that somebody reads raw.
public enum Glyph {
    /// Something that is seen; and the space.
    DRAWN,
    /// A gap that is not the space: no-break, ideographic and the other space separators.
    BLANK,
    /// Drawn upon what stands before it (non-spacing and enclosing marks).
    COMBINING,
    /// Nothing, or something that moves or reorders what is around it: controls, formats, tags, variation selectors,
    /// separators of lines, private use, unassigned, lone surrogates, letters and signs without ink, and U+FFFD and
    /// U+FFFC, which stand for what could not be read.
    HIDDEN;

    public static Glyph of(int point) {
        if (point >= ' ' && point < 0x7F) return DRAWN;
        if (isWithoutInk(point)) return HIDDEN;
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> HIDDEN;
            case Character.SPACE_SEPARATOR -> BLANK;
            case Character.ENCLOSING_MARK, Character.NON_SPACING_MARK -> COMBINING;
            default -> DRAWN;
        };
    }

    /// Drawn as nothing, though of a category that is drawn (Unicode, `Default_Ignorable_Code_Point`; the blank braille
    /// pattern, the null note head, joiners of Khitan and Tifinagh); and what replaced something unreadable.
    private static boolean isWithoutInk(int point) {
        return switch (point) {
            case 0x034F,
                    0x115F,
                    0x1160,
                    0x17B4,
                    0x17B5,
                    0x2800,
                    0x2D7F,
                    0x3164,
                    0xFFA0,
                    0xFFFC,
                    0xFFFD,
                    0x16FE4,
                    0x1D159 -> true;
            default ->
                point >= 0x180B && point <= 0x180F
                        || point >= 0xFE00 && point <= 0xFE0F
                        || point >= 0xE0000 && point <= 0xE0FFF;
        };
    }
}
