package dev.guardrail.server.problem;

/// A request that HTTP itself has a word for, and no problem type of ours (405, 406, 415).
public final class HttpRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    /// @param detail one lower-case sentence for the caller
    public HttpRefusal(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
