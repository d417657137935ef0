package dev.guardrail.undo;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Why a state cannot be kept, as far as everybody may know: the log keeps it for good.
public enum Hindrance {
    /// There is more of it than is kept.
    TOO_LARGE,
    /// Others are at it right now.
    BUSY,
    /// It is of a kind that cannot be put back.
    UNFIT;

    /// In one word, as entries have it.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @return empty where it is the word of none
    public static Optional<Hindrance> of(String text) {
        return Stream.of(values()).filter(each -> each.text().equals(text)).findFirst();
    }
}
