package dev.guardrail.server.runner;

import com.google.re2j.Pattern;
import com.networknt.schema.regex.RegularExpression;
import java.util.regex.MatchResult;

/// Patterns of schemas, which are ECMAScript's, as RE2: matching takes time in proportion to the text, whoever
/// wrote the pattern. What RE2 does not know (look-around, back-references) is refused.
final class Re2Patterns {
    private static final int LENGTH = 2_000;

    /// Most copies that counted repetitions may make of their content, nested ones multiplied.
    private static final long COPIES = 10_000;

    private static final java.util.regex.Pattern COUNT =
            java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

    private static final java.util.regex.Pattern UNIT = java.util.regex.Pattern.compile("\\\\u([0-9A-Fa-f]{4})");

    private Re2Patterns() {}

    /// @throws IllegalArgumentException where RE2 does not know the pattern, or it is too large
    static RegularExpression compile(String pattern) {
        if (pattern.length() > LENGTH) throw new IllegalArgumentException("a pattern is too long");
        long copies =
                COUNT.matcher(pattern).results().mapToLong(Re2Patterns::most).reduce(1, Re2Patterns::times);
        if (copies > COPIES) throw new IllegalArgumentException("a pattern repeats too much");
        var compiled = Pattern.compile(UNIT.matcher(pattern).replaceAll("\\\\x{$1}"));
        return text -> compiled.matcher(text).find();
    }

    private static long most(MatchResult count) {
        String last = count.group(2) == null || count.group(2).isEmpty() ? count.group(1) : count.group(2);
        return Math.max(1, Long.parseLong(last));
    }

    private static long times(long some, long more) {
        return Math.min(Integer.MAX_VALUE, some * more);
    }
}
