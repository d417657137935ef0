package dev.guardrail.base;

/// Every refusal to judge and every fault that a caller can be told of, with its slug and HTTP status (RFC 9457).
/// A decision is never a problem: it is an answer.
public enum ProblemType {
    MALFORMED_CALL("malformed-call", 400),
    UNAUTHENTICATED("unauthenticated", 401),
    FORBIDDEN_ROUTE("forbidden-route", 403),
    NOT_ELIGIBLE("not-eligible", 403),
    NOT_FOUND("not-found", 404),
    ARGUMENTS_CHANGED("arguments-changed", 409),
    LEASE_SPENT("lease-spent", 409),
    TICKET_CLOSED("ticket-closed", 409),
    NOT_UNDOABLE("not-undoable", 409),
    CONFLICT("conflict", 409),
    TOO_LARGE("too-large", 413),
    PACK_INVALID("pack-invalid", 422),
    CONFIRM_MISMATCH("confirm-mismatch", 422),
    SCOPE_REFUSED("scope-refused", 422),
    OVERLOADED("overloaded", 429),
    INTERNAL("internal", 500),
    UPSTREAM_FAILED("upstream-failed", 502),
    IDENTITY_UNAVAILABLE("identity-unavailable", 503),
    JOURNAL_UNAVAILABLE("journal-unavailable", 503),
    SANDBOX_UNAVAILABLE("sandbox-unavailable", 503),
    UPSTREAM_TIMEOUT("upstream-timeout", 504);

    private final String slug;
    private final int status;

    ProblemType(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    public String slug() {
        return slug;
    }

    public int status() {
        return status;
    }
}
