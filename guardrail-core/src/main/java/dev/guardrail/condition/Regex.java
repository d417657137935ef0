package dev.guardrail.condition;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;

/// A compiled RE2 pattern: time linear in the text, memory linear in the pattern, both capped.
///
/// @param steps per character of the text at worst
/// @param literal the pattern has nothing to expand: it is searched for as it stands
record Regex(Pattern pattern, long steps, boolean literal) {
    /// Longest pattern, in characters.
    static final int MAX_LENGTH = 1_000;

    /// Most instructions that a pattern may compile to, counted repetitions written out.
    static final int MAX_SIZE = 4_000;

    private static final int MAX_DEPTH = 100;
    private static final int STEPS_PER_INSTRUCTION = 8;
    private static final int STEPS_TO_COMPILE = 300;

    /// @throws IllegalArgumentException with one lower-case sentence where the pattern is no RE2 or too big
    static Regex compile(String pattern) {
        if (pattern.length() > MAX_LENGTH)
            throw new IllegalArgumentException("the pattern has more than " + MAX_LENGTH + " characters");
        if (weight(pattern) > MAX_SIZE)
            throw new IllegalArgumentException("the pattern `" + pattern + "` repeats or nests too much");
        try {
            var compiled = Pattern.compile(pattern);
            boolean literal = pattern.chars().noneMatch(c -> "\\^$.|?*+()[]{}".indexOf(c) >= 0);
            return new Regex(compiled, literal ? 2 : (long) STEPS_PER_INSTRUCTION * compiled.programSize(), literal);
        } catch (PatternSyntaxException refused) {
            throw new IllegalArgumentException(
                    "`" + pattern + "` is not an re2 pattern: " + refused.getDescription(), refused);
        }
    }

    /// Compiles a pattern that is not known before the call comes.
    static Regex compile(String pattern, Meter meter) {
        meter.spend(STEPS_TO_COMPILE * (weight(pattern) + 1));
        return compile(pattern);
    }

    /// True where the pattern matches some part of the text.
    ///
    /// @throws Meter.Exhausted where that may take too many steps
    boolean finds(String text, Meter meter) {
        if (steps * (text.length() + 1L) > Meter.STEPS / 4) throw new Meter.Exhausted();
        meter.spend(steps * (text.length() + 1L));
        return literal
                ? Texts.contains(text, pattern.pattern())
                : pattern.matcher(text).find();
    }

    /// Upper estimate of the compiled size, found without compiling: counted repetitions multiply what they repeat,
    /// and whatever this reading takes for a group that RE2 does not only makes it larger.
    static long weight(String pattern) {
        var outer = new ArrayDeque<Long>();
        long sum = 0;
        long atom = 0;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            long before = atom;
            switch (c) {
                case '(' -> {
                    if (outer.size() == MAX_DEPTH) return Long.MAX_VALUE;
                    outer.push(sum);
                    sum = 0;
                    atom = 0;
                }
                case ')' -> {
                    atom = sum + 2;
                    sum = atom + (outer.isEmpty() ? 0 : outer.pop());
                }
                case '{' -> {
                    long times = repetitions(pattern, i);
                    atom = times * Math.max(1, atom);
                    sum += atom - Math.min(before, atom) + 1;
                }
                case '\\' -> {
                    i++;
                    atom = 2;
                    sum += atom;
                }
                default -> {
                    atom = c == '*' || c == '+' || c == '?' ? atom + 1 : 2;
                    sum += 2;
                }
            }
            if (sum > MAX_SIZE * 100L) return sum;
        }
        while (!outer.isEmpty()) sum += outer.pop();
        return sum;
    }

    /// The larger count of `{n}`, `{n,}` or `{n,m}` at `at`, at least 1; 1 where there is no such thing.
    private static long repetitions(String pattern, int at) {
        long most = 1;
        long count = 0;
        for (int i = at + 1; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c >= '0' && c <= '9') count = Math.min(count * 10 + (c - '0'), MAX_SIZE + 1L);
            else if (c == ',' || c == '}') {
                most = Math.max(most, count + 1);
                count = 0;
                if (c == '}') return most;
            } else return 1;
        }
        return 1;
    }
}
