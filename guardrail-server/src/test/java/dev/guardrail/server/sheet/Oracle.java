package dev.guardrail.server.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UCharacterCategory;
import com.ibm.icu.lang.UProperty;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What nobody may be shown, by Unicode's own properties as another library has them: it shares no line with what is
/// judged.
public final class Oracle {
    /// Drawn as nothing in spite of their properties.
    private static final Set<Integer> BLANK = Set.of(0x2800, 0x1D159, 0xFFFC, 0xFFFD);

    private static final int MARKS = 3;
    private static final int SPACES = 40;

    private Oracle() {}

    /// Nothing in it hides, moves, reorders or pushes out of sight; lines end in `\n` alone.
    public static void hidesNothing(String shown) {
        int marks = 0;
        int spaces = 0;
        for (int at = 0; at < shown.length(); at += Character.charCount(shown.codePointAt(at))) {
            int point = shown.codePointAt(at);
            boolean hidden = point != '\n' && isHidden(point);
            assertTrue(!hidden, () -> "U+%04X in ".formatted(point) + shown);
            boolean mark = UCharacter.getType(point) == UCharacterCategory.NON_SPACING_MARK
                    || UCharacter.getType(point) == UCharacterCategory.ENCLOSING_MARK;
            marks = mark ? marks + 1 : 0;
            spaces = point == ' ' ? spaces + 1 : 0;
            assertTrue(marks <= MARKS, () -> "stacked marks in " + shown);
            assertTrue(spaces <= SPACES, () -> "padding in " + shown);
        }
        assertTrue(!shown.contains("\n\n\n"), () -> "many empty lines in " + shown);
    }

    private static boolean isHidden(int point) {
        return switch (UCharacter.getType(point)) {
            case UCharacterCategory.CONTROL,
                    UCharacterCategory.FORMAT,
                    UCharacterCategory.SURROGATE,
                    UCharacterCategory.PRIVATE_USE,
                    UCharacterCategory.UNASSIGNED,
                    UCharacterCategory.LINE_SEPARATOR,
                    UCharacterCategory.PARAGRAPH_SEPARATOR -> true;
            case UCharacterCategory.SPACE_SEPARATOR -> point != ' ';
            default ->
                UCharacter.hasBinaryProperty(point, UProperty.DEFAULT_IGNORABLE_CODE_POINT)
                        || UCharacter.hasBinaryProperty(point, UProperty.BIDI_CONTROL)
                        || UCharacter.hasBinaryProperty(point, UProperty.VARIATION_SELECTOR)
                        || BLANK.contains(point);
        };
    }

    /// What must be seen is seen, or it is said that something must be opened.
    public static void isSeen(String danger, String shown) {
        if (shown.matches("(?s).*\\d+ more bytes – must open.*")) return;
        // Without what begins its lines.
        List<String> lines = shown.lines()
                .map(line -> line.replaceFirst("^(! )?(  \\| )? *([-+] )?(> |… )?", ""))
                .toList();
        assertTrue(
                lines.stream().collect(Collectors.joining()).contains(danger)
                        || String.join(" ", lines).contains(danger)
                        || shown.contains(danger),
                () -> "`" + danger + "` is not seen in " + shown);
    }

    /// No line is wider than that, so that none is broken by whatever shows it.
    public static void fits(int width, String shown) {
        shown.lines().forEach(line -> assertTrue(columns(line) <= width, () -> columns(line) + ": " + line));
    }

    private static int columns(String line) {
        return line.codePoints()
                .map(point -> switch (UCharacter.getIntPropertyValue(point, UProperty.EAST_ASIAN_WIDTH)) {
                    case UCharacter.EastAsianWidth.WIDE, UCharacter.EastAsianWidth.FULLWIDTH -> 2;
                    default -> 1;
                })
                .sum();
    }

    /// Lines that do not stand behind a bar, or go on with one of ours, are the ones that we begin.
    public static void forgesNoLine(String sheet) {
        List<String> ours = List.of(
                "coder wants to call ",
                "Risk: high. State: pending.",
                "! ",
                "Why",
                "  rule hold-run asks approver: 0 of 1",
                "Arguments",
                "  sha256:0000",
                "Who can decide: ann",
                "Opened 2026-",
                "Approval apr_1, ",
                "The agent says (not verified)",
                "  +--",
                "See all of it",
                "  guardrail approvals show apr_1",
                "There is more");
        long begun = sheet.lines()
                .filter(line -> !line.isEmpty() && !line.startsWith("  | ") && !line.startsWith("  … "))
                .peek(line -> assertTrue(ours.stream().anyMatch(line::startsWith), () -> "not ours: " + line))
                .filter(line -> line.startsWith("Risk:") || line.startsWith("Who can"))
                .count();
        assertEquals(sheet.contains("\nWhy\n") ? 2 : 0, begun, sheet);
    }
}
