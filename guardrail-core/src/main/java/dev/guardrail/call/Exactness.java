package dev.guardrail.call;

import java.util.Locale;

/// How far a call can be taken back.
public enum Exactness {
    /// What was there before is there again.
    EXACT,
    /// It stays done; something else is done that puts it right.
    CORRECTS,
    /// Not at all.
    NONE;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException for any other word
    public static Exactness parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
