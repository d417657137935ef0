package dev.guardrail.server.sheet;

import com.ibm.icu.lang.UScript;
import dev.guardrail.base.Glyph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Finds words that can be taken for others: letters of several scripts in one word, words of another script that look
/// like Latin ones, and full-width, mathematical, enclosed, raised and joined forms of ASCII.
///
/// A word of another script that happens to look Latin is an ordinary one in a sentence of that script.
final class Homoglyphs {
    /// Words on either side that are looked at for what a sentence is written in.
    private static final int NEIGHBOURS = 8;

    /// Most code points that a note repeats.
    private static final int NAMED = 80;

    private static final Set<Integer> CJK = Set.of(
            UScript.HAN,
            UScript.HIRAGANA,
            UScript.KATAKANA,
            UScript.KATAKANA_OR_HIRAGANA,
            UScript.HANGUL,
            UScript.BOPOMOFO);

    private final int[] points;
    private final Map<Integer, String> looks = new HashMap<>();
    private final List<Word> words = new ArrayList<>();

    private Homoglyphs(int[] points) {
        this.points = points;
    }

    /// A run of letters, digits and whatever is not ASCII.
    ///
    /// @param to index after its last code point
    /// @param script of all its letters; [UScript#INVALID_CODE] where they are of several, or there are none
    /// @param suspect true where it looks Latin and nothing but its neighbours can excuse it
    private record Word(int from, int to, int script, boolean suspect) {}

    /// What is to be said of words, by the index after each.
    static Map<Integer, String> in(int[] points) {
        for (int point : points) if (point >= 0x80) return new Homoglyphs(points).notes();
        return Map.of();
    }

    private Map<Integer, String> notes() {
        Map<Integer, String> notes = new HashMap<>();
        for (int at = 0; at < points.length; at++) {
            if (!isOfWord(points[at])) continue;
            int from = at;
            boolean ascii = true;
            while (at < points.length && isOfWord(points[at])) ascii &= points[at++] < 0x80;
            if (ascii) words.add(new Word(from, at, UScript.LATIN, false));
            else judge(from, at, notes);
        }
        for (int i = 0; i < words.size(); i++)
            if (words.get(i).suspect() && !isExcused(i))
                notes.put(
                        words.get(i).to(),
                        note(words.get(i).from(), words.get(i).to()));
        return notes;
    }

    private static boolean isOfWord(int point) {
        return point < 0x80
                ? Character.isLetterOrDigit(point)
                : Glyph.of(point) == Glyph.DRAWN && point != '‹' && point != '›' || Glyph.of(point) == Glyph.COMBINING;
    }

    private void judge(int from, int to, Map<Integer, String> notes) {
        Set<Integer> scripts = scripts(from, to);
        boolean latin = scripts.contains(UScript.LATIN);
        boolean formed = false; // another form of ASCII, or a Latin letter that looks like another
        boolean foreign = false; // a letter of another script that looks Latin
        boolean every = true; // no letter or digit but such ones
        for (int i = from; i < to; i++) {
            int point = points[i];
            int script = UScript.getScript(point);
            boolean letter = Character.isLetterOrDigit(point);
            boolean looks = point >= 0x80 && looksLatin(i);
            formed |= looks && (script <= UScript.INHERITED || script == UScript.LATIN);
            foreign |= looks && script > UScript.INHERITED && script != UScript.LATIN;
            every &= !letter || looks;
        }
        boolean sure =
                formed || latin && (foreign || scripts.stream().anyMatch(Alphabet::isNeverMixed)) || isMixed(scripts);
        boolean suspect = !sure && foreign && every;
        int script = scripts.size() == 1 ? scripts.iterator().next() : UScript.INVALID_CODE;
        words.add(new Word(from, to, script, suspect));
        if (sure) notes.put(to, note(from, to));
    }

    private Set<Integer> scripts(int from, int to) {
        var scripts = new LinkedHashSet<Integer>();
        for (int i = from; i < to; i++)
            if (Character.isLetter(points[i])) {
                int script = UScript.getScript(points[i]);
                if (script > UScript.INHERITED) scripts.add(script);
            }
        return scripts;
    }

    /// Two scripts beside Latin that nothing is written in together.
    private static boolean isMixed(Set<Integer> scripts) {
        List<Integer> others =
                scripts.stream().filter(script -> script != UScript.LATIN).toList();
        return others.size() > 1 && !CJK.containsAll(others);
    }

    /// True where the character at an index looks like ASCII and does not stand where it belongs.
    private boolean looksLatin(int at) {
        int point = points[at];
        if (look(point).isEmpty()) return false;
        boolean eastern = isEastern(at - 1) || isEastern(at + 1);
        if (eastern && (CJK.contains(UScript.getScript(point)) || Alphabet.isEasternPunctuation(point))) return false;
        return !Alphabet.isTypography(point) || Alphabet.isDash(point) && beginsOption(at);
    }

    /// A letter of an eastern script that cannot be taken for another.
    private boolean isEastern(int at) {
        return at >= 0
                && at < points.length
                && CJK.contains(UScript.getScript(points[at]))
                && look(points[at]).isEmpty();
    }

    /// A dash before a letter, with nothing before the dash: where commands have their options.
    private boolean beginsOption(int at) {
        boolean first = at == 0 || points[at - 1] == ' ' || Alphabet.isDash(points[at - 1]) || points[at - 1] == '-';
        return first
                && at + 1 < points.length
                && (Character.isLetter(points[at + 1]) || Alphabet.isDash(points[at + 1]));
    }

    private String look(int point) {
        return looks.computeIfAbsent(point, Alphabet::ascii);
    }

    /// In a sentence of its script, with a word near it that cannot be taken for Latin.
    private boolean isExcused(int index) {
        for (int step : new int[] {-1, 1})
            for (int i = index + step, seen = 0; i >= 0 && i < words.size() && seen < NEIGHBOURS; i += step, seen++) {
                if (words.get(i).script() != words.get(index).script() || !isOneSentence(i, i - step)) break;
                if (!words.get(i).suspect()) return true;
            }
        return false;
    }

    /// True where nothing but a space, a comma or the like stands between two words.
    private boolean isOneSentence(int one, int other) {
        int from = words.get(Math.min(one, other)).to();
        int to = words.get(Math.max(one, other)).from();
        if (to - from > 3) return false;
        for (int i = from; i < to; i++) if (" ,.!?".indexOf(points[i]) < 0) return false;
        return true;
    }

    private String note(int from, int to) {
        var form = new StringBuilder();
        var named = new LinkedHashSet<String>();
        boolean whole = to - from <= NAMED;
        for (int i = from; i < to; i++) {
            int point = points[i];
            String ascii = point < 0x80 ? Character.toString(point) : look(point);
            form.append(ascii);
            whole &= !ascii.isEmpty();
            if (point >= 0x80 && !ascii.isEmpty() && named.size() < 6)
                named.add(Reading.escape(point) + " like \"" + ascii + '"');
        }
        if (whole) return "looks like \"" + form + '"';
        if (!named.isEmpty()) return "look-alikes: " + String.join(", ", named);
        return "letters of "
                + scripts(from, to).stream().map(UScript::getName).limit(4).collect(Collectors.joining(" and "));
    }
}
