package dev.guardrail.server.upstream.resource;

/// What cannot be taken back, and why, in one lower-case clause.
final class Unfit extends Exception {
    private static final long serialVersionUID = 1L;
    private final String why;

    Unfit(String why) {
        super(why, null, false, false);
        this.why = why;
    }

    String why() {
        return why;
    }
}
