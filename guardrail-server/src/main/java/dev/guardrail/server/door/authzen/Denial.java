package dev.guardrail.server.door.authzen;

/// Why a request for access is not taken, in the words of the access request profile.
enum Denial {
    NOT_REQUESTABLE(400, "not_requestable"),
    EXPIRED_DENIAL(410, "expired_denial"),
    INVALID_DENIAL_BINDING(400, "invalid_denial_binding"),
    DUPLICATE_REQUEST(409, "duplicate_request"),
    UNKNOWN_TASK(404, "unknown_task"),
    INVALID_TASK_STATE(409, "invalid_task_state");

    private static final String URN = "urn:openid:authzen:access-request:error:";

    private final int status;
    private final String word;

    Denial(int status, String word) {
        this.status = status;
        this.word = word;
    }

    int status() {
        return status;
    }

    String type() {
        return URN + word;
    }

    String title() {
        return word.replace('_', ' ');
    }
}
