package dev.guardrail.server.problem;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.ProblemType;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;

/// Problems as RFC 9457 bodies, `application/problem+json`.
public final class Problems {
    /// What a problem's type begins with; its slug follows.
    public static final String SITE = "https://guardrail.dev/problems/";

    /// Seconds after which somebody who met a passing fault may try again.
    private static final String RETRY_AFTER = "1";

    private Problems() {}

    /// @param detail one lower-case sentence that says what to do next
    public static MutableHttpResponse<byte[]> of(ProblemType type, String detail) {
        return of(type, detail, JsonObject.EMPTY);
    }

    /// @param more members beside RFC 9457's
    public static MutableHttpResponse<byte[]> of(ProblemType type, String detail, JsonObject more) {
        var response = response(
                type.status(),
                JsonObject.with("type", SITE + type.slug())
                        .with("title", type.slug().replace('-', ' '))
                        .with("status", type.status())
                        .with("detail", detail)
                        .withAll(more.members())
                        .build());
        return switch (type) {
            case OVERLOADED, IDENTITY_UNAVAILABLE, JOURNAL_UNAVAILABLE, SANDBOX_UNAVAILABLE ->
                response.header("Retry-After", RETRY_AFTER);
            case UNAUTHENTICATED -> response.header("WWW-Authenticate", "Bearer realm=\"guardrail\"");
            case MALFORMED_CALL,
                    FORBIDDEN_ROUTE,
                    NOT_ELIGIBLE,
                    NOT_FOUND,
                    ARGUMENTS_CHANGED,
                    LEASE_SPENT,
                    TICKET_CLOSED,
                    NOT_UNDOABLE,
                    CONFLICT,
                    TOO_LARGE,
                    PACK_INVALID,
                    CONFIRM_MISMATCH,
                    SCOPE_REFUSED,
                    INTERNAL,
                    UPSTREAM_FAILED,
                    UPSTREAM_TIMEOUT -> response;
        };
    }

    /// A problem whose type another specification defines.
    ///
    /// @param type a URI of that specification
    public static MutableHttpResponse<byte[]> foreign(int status, String type, String title, String detail) {
        return response(
                status,
                JsonObject.with("type", type)
                        .with("title", title)
                        .with("status", status)
                        .with("detail", detail)
                        .build());
    }

    /// A problem that is no more than its HTTP status (RFC 9457, section 4.2.1: `about:blank`).
    public static MutableHttpResponse<byte[]> plain(int status, String detail) {
        String title = title(status);
        return response(
                status,
                JsonObject.with("type", "about:blank")
                        .with("title", title)
                        .with("status", status)
                        .with("detail", detail)
                        .build());
    }

    private static String title(int status) {
        try {
            return HttpStatus.valueOf(status).getReason();
        } catch (IllegalArgumentException unknown) {
            return "Error";
        }
    }

    private static MutableHttpResponse<byte[]> response(int status, JsonObject body) {
        MutableHttpResponse<byte[]> response = HttpResponse.status(status, title(status));
        return response.contentType(MediaType.of("application/problem+json")).body(JsonWriter.shown(body));
    }
}
