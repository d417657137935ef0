package dev.guardrail.approval;

import java.text.Normalizer;
import java.util.Locale;

/// Whether two names may be one person's. It errs towards yes, and is used to take away, never to give.
public final class Alias {
    private Alias() {}

    /// True where the names are equal but for case, width, compatibility forms, marks without width and surrounding
    /// space, or where one is the part before the `@` of the other.
    public static boolean possible(String one, String other) {
        String first = folded(one);
        String second = folded(other);
        return first.equals(second) || local(first).equals(second) || first.equals(local(second));
    }

    private static String folded(String name) {
        String plain = Normalizer.normalize(name, Normalizer.Form.NFKC);
        String lower = plain.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        var kept = new StringBuilder(lower.length());
        lower.codePoints()
                .filter(point -> Character.getType(point) != Character.FORMAT)
                .forEach(kept::appendCodePoint);
        return kept.toString().strip();
    }

    private static String local(String name) {
        int at = name.indexOf('@');
        return at < 1 ? name : name.substring(0, at);
    }
}
