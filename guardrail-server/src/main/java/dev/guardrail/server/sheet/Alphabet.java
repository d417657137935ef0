package dev.guardrail.server.sheet;

import com.ibm.icu.lang.UScript;
import com.ibm.icu.text.SpoofChecker;
import java.text.Normalizer;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What single characters look like, read by somebody who expects ASCII (Unicode TS 39, UAX 15).
final class Alphabet {
    private static final SpoofChecker CONFUSABLES =
            new SpoofChecker.Builder().setChecks(SpoofChecker.CONFUSABLE).build();

    /// Scripts that no word shares with Latin; most others are written beside it in names and units.
    private static final Set<Integer> NEVER_MIXED = Set.of(
            UScript.CYRILLIC,
            UScript.GREEK,
            UScript.CHEROKEE,
            UScript.ARMENIAN,
            UScript.COPTIC,
            UScript.LISU,
            UScript.DESERET,
            UScript.OLD_ITALIC,
            UScript.RUNIC);

    /// Capitals of the size of small letters, which other scripts have for theirs, and what they are read as.
    private static final String SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋĸʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ";

    private static final String SMALL_LETTERS = "abcdefghijkklmnopqrstuvwyz";

    /// The letters by the skeletons of those capitals.
    private static final Map<String, String> SMALL = IntStream.range(0, SMALL_CAPITALS.length())
            .boxed()
            .collect(Collectors.toUnmodifiableMap(
                    at -> CONFUSABLES.getSkeleton(SMALL_CAPITALS.substring(at, at + 1)),
                    at -> SMALL_LETTERS.substring(at, at + 1),
                    (one, same) -> one));

    private Alphabet() {}

    /// The ASCII that a character can be taken for; empty for none.
    static String ascii(int point) {
        if (point < 0x80) return "";
        String enclosed = enclosed(point);
        if (!enclosed.isEmpty()) return enclosed;
        String plain = Normalizer.normalize(Character.toString(point), Normalizer.Form.NFKC);
        if (isAscii(plain)) return plain;
        return switch (Character.getType(point)) {
            case Character.OTHER_SYMBOL, Character.MODIFIER_SYMBOL, Character.CURRENCY_SYMBOL -> "";
            default -> skeleton(plain, UScript.getScript(point) == UScript.LATIN ? 1 : 2);
        };
    }

    /// @param most letters: what is joined of two in the Latin script (`æ`) is a letter of its own
    private static String skeleton(String text, int most) {
        String skeleton = CONFUSABLES.getSkeleton(text);
        String small = SMALL.get(skeleton);
        if (small != null) return small;
        // The skeleton of `m` is `rn`.
        return skeleton.equals("rn") ? "m" : skeleton.length() <= most && isAscii(skeleton) ? skeleton : "";
    }

    /// White on black, which Unicode gives no plain form.
    private static String enclosed(int point) {
        if (point >= 0x1F150 && point <= 0x1F169) return Character.toString('A' + point - 0x1F150);
        if (point >= 0x1F170 && point <= 0x1F189) return Character.toString('A' + point - 0x1F170);
        return "";
    }

    private static boolean isAscii(String text) {
        return !text.isBlank() && text.chars().allMatch(unit -> unit > ' ' && unit < 0x7F);
    }

    static boolean isNeverMixed(int script) {
        return NEVER_MIXED.contains(script);
    }

    /// Punctuation and signs of ordinary prose.
    static boolean isTypography(int point) {
        return isDash(point)
                || switch (point) {
                    case '‘',
                            '’',
                            '‚',
                            '‛',
                            '“',
                            '”',
                            '„',
                            '…',
                            '•',
                            '·',
                            '′',
                            '″',
                            '«',
                            '»',
                            'ʼ',
                            '™',
                            '№',
                            '×',
                            '÷' -> true;
                    default -> false;
                };
    }

    static boolean isDash(int point) {
        return point >= 0x2010 && point <= 0x2015 || point == 0x2212;
    }

    /// Full-width punctuation that sentences of eastern scripts have; not what a shell or a path has a meaning for.
    static boolean isEasternPunctuation(int point) {
        return switch (point) {
            case '！', '，', '．', '：', '？', '（', '）', '〜', '～', '・', '、', '。', '「', '」', '〇', '；' -> true;
            default -> false;
        };
    }
}
