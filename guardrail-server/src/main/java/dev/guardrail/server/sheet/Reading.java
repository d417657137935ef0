package dev.guardrail.server.sheet;

import com.ibm.icu.lang.UScript;
import dev.guardrail.base.Glyph;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One pass over a text that others wrote, from code points to [Segment]s.
final class Reading {
    /// A longer run of one hidden character is counted.
    private static final int SAME = 3;

    /// Marks that one letter may carry.
    private static final int STACK = 3;

    private final int[] points;
    private final Map<Integer, String> looks;
    private final boolean whole;
    private final List<Segment> segments = new ArrayList<>();
    private final Set<Finding> findings = EnumSet.noneOf(Finding.class);
    private final StringBuilder plain = new StringBuilder();

    /// @param whole whether mixed padding stays apart instead of being summed up
    Reading(String text, boolean whole) {
        this.points = text.codePoints().toArray();
        this.looks = Homoglyphs.in(points);
        this.whole = whole;
        read();
    }

    List<Segment> segments() {
        return segments;
    }

    Set<Finding> findings() {
        return findings;
    }

    private void read() {
        int at = 0;
        while (at < points.length) {
            int next = step(at);
            // A note follows the last character of what it speaks of.
            for (int end = at + 1; end <= next; end++) {
                String looksLike = looks.get(end);
                if (looksLike != null) note(looksLike, Finding.LOOKALIKE);
            }
            at = next;
        }
        flush();
    }

    /// Reads what stands at an index.
    ///
    /// @return where the next begins
    private int step(int at) {
        int point = points[at];
        if (Padding.isPad(point)) return padding(at);
        if (Glyph.of(point) == Glyph.HIDDEN) return hidden(at);
        if (Glyph.of(point) == Glyph.COMBINING) return marks(at, at);
        if (point == '‹' || point == '›' || point == Segment.Break.SIGN) {
            mark(escape(point), point);
            return at + 1;
        }
        if (isRightToLeft(point)) return rightToLeft(at);
        plain.appendCodePoint(point);
        return at + 1 < points.length && Glyph.of(points[at + 1]) == Glyph.COMBINING ? marks(at, at + 1) : at + 1;
    }

    private int padding(int from) {
        int to = from;
        while (to < points.length && Padding.isPad(points[to])) to++;
        var run = new Padding(points, from, to);
        flush();
        segments.addAll(run.segments(whole));
        findings.addAll(run.findings());
        return to;
    }

    private int hidden(int from) {
        int to = from;
        while (to < points.length && points[to] == points[from]) to++;
        findings.add(Finding.HIDDEN);
        if (to - from > SAME) {
            flush();
            segments.add(
                    new Segment.Mark((to - from) + " × " + escape(points[from]), bytes(points[from]) * (to - from)));
        } else for (int i = from; i < to; i++) mark(escape(points[from]), points[from]);
        return to;
    }

    /// Marks upon what stands before them: as they are where a script writes so, else each by its code point.
    private int marks(int base, int from) {
        int to = from;
        while (to < points.length && Glyph.of(points[to]) == Glyph.COMBINING) to++;
        if (base < from && belong(base, from, to)) {
            for (int i = from; i < to; i++) plain.appendCodePoint(points[i]);
            return to;
        }
        findings.add(Finding.STACKED);
        for (int i = from; i < to; i++) mark(escape(points[i]), points[i]);
        return to;
    }

    private boolean belong(int base, int from, int to) {
        int on = points[base];
        if (to - from > STACK || !Character.isLetter(on) && Character.getType(on) != Character.COMBINING_SPACING_MARK)
            return false;
        int script = UScript.getScript(on);
        var letter = new StringBuilder().appendCodePoint(on);
        for (int i = from; i < to; i++) {
            int mark = points[i];
            if (script > UScript.INHERITED && UScript.getScript(mark) == script) continue;
            if (script == UScript.ARABIC && UScript.hasScript(mark, UScript.ARABIC)) continue;
            String composed = Normalizer.normalize(letter.appendCodePoint(mark), Normalizer.Form.NFC);
            if (composed.codePointCount(0, composed.length()) > 1) return false;
        }
        return true;
    }

    private static boolean isRightToLeft(int point) {
        return switch (Character.getDirectionality(point)) {
            case Character.DIRECTIONALITY_RIGHT_TO_LEFT,
                    Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC,
                    Character.DIRECTIONALITY_ARABIC_NUMBER -> true;
            default -> false;
        };
    }

    /// Words that run to the left, between two notes whose letters run to the right: they reorder nothing around them.
    private int rightToLeft(int from) {
        note("right to left", Finding.RIGHT_TO_LEFT);
        int at = from;
        while (at < points.length) {
            boolean gap = points[at] == ' ' && at + 1 < points.length && isRightToLeft(points[at + 1]);
            if (!gap && !isRightToLeft(points[at])) break;
            plain.appendCodePoint(points[at++]);
            int to = at;
            while (to < points.length && Glyph.of(points[to]) == Glyph.COMBINING) to++;
            if (to > at) {
                if (gap || !belong(at - 1, at, to)) break;
                for (; at < to; at++) plain.appendCodePoint(points[at]);
            }
        }
        note("left to right", Finding.RIGHT_TO_LEFT);
        return at;
    }

    private void mark(String label, int point) {
        flush();
        segments.add(new Segment.Mark(label, bytes(point)));
    }

    private void note(String label, Finding finding) {
        flush();
        segments.add(new Segment.Note(label));
        findings.add(finding);
    }

    private void flush() {
        if (plain.isEmpty()) return;
        segments.add(new Segment.Plain(plain.toString()));
        plain.setLength(0);
    }

    static String escape(int point) {
        return "U+%04X".formatted(point);
    }

    static long bytes(int point) {
        // A lone surrogate has no bytes; what stands for it has three.
        return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }

    static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
