package dev.guardrail.server.sheet;

import com.ibm.icu.lang.UScript;
import com.ibm.icu.text.SpoofChecker;
import java.text.Normalizer;
import java.util.Set;

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
            default -> skeleton(plain);
        };
    }

    private static String skeleton(String text) {
        String skeleton = CONFUSABLES.getSkeleton(text);
        // The skeleton of `m` is `rn`.
        return skeleton.equals("rn") ? "m" : skeleton.length() <= 3 && isAscii(skeleton) ? skeleton : "";
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
