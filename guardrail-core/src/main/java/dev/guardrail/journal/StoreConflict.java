package dev.guardrail.journal;

/// A document had changed: nothing of the batch was written. The caller reads again and decides again.
public final class StoreConflict extends Exception {
    private static final long serialVersionUID = 1L;

    public StoreConflict(Kind kind, String key) {
        super("the " + kind.name().toLowerCase(java.util.Locale.ROOT) + " document `" + key + "` has changed");
    }
}
