package dev.guardrail.server.door.authzen;

/// A request for access that is not taken.
final class NotTaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Denial why;

    /// @param detail one lower-case sentence that says what to do next
    NotTaken(Denial why, String detail) {
        super(detail, null, false, false);
        this.why = why;
    }

    Denial why() {
        return why;
    }
}
