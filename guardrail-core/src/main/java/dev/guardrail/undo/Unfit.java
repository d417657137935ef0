package dev.guardrail.undo;

import java.io.IOException;

/// What a server of ours cannot put back, or cannot keep in order to. The message is one lower-case clause, in which
/// names that others chose stand between backquotes.
public final class Unfit extends IOException {
    private static final long serialVersionUID = 1L;
    private final Hindrance kind;

    /// It is of a kind that cannot be put back.
    public Unfit(String why) {
        this(Hindrance.UNFIT, why);
    }

    public Unfit(Hindrance kind, String why) {
        super(why);
        this.kind = kind;
    }

    /// There is more than is kept.
    public static Unfit large(String why) {
        return new Unfit(Hindrance.TOO_LARGE, why);
    }

    /// Others are at it.
    public static Unfit busy(String why) {
        return new Unfit(Hindrance.BUSY, why);
    }

    public String why() {
        return String.valueOf(getMessage());
    }

    /// As whoever looks is told.
    public Compensator.Look look() {
        return new Compensator.Look.Unfit(kind, why());
    }
}
