package dev.guardrail.server.door;

import dev.guardrail.call.Caller;
import io.micronaut.http.HttpRequest;

/// Where a request carries the caller that its credential was verified for. The filter of the identity room puts it
/// there before any route is reached, or answers the request itself; doors only read it.
public final class Callers {
    /// Name of the request attribute; its value is a [Caller].
    public static final String ATTRIBUTE = "guardrail.caller";

    private Callers() {}

    /// Notes who sent the request.
    public static void put(HttpRequest<?> request, Caller caller) {
        request.setAttribute(ATTRIBUTE, caller);
    }

    /// Who sent the request.
    ///
    /// @throws IllegalStateException where no filter verified a credential; the request then fails, unread
    public static Caller of(HttpRequest<?> request) {
        return request.getAttribute(ATTRIBUTE, Caller.class)
                .orElseThrow(() -> new IllegalStateException("the request came past no check of its credential"));
    }
}
