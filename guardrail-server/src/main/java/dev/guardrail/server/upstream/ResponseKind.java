package dev.guardrail.server.upstream;

import java.net.http.HttpResponse;

/// What a response of Streamable HTTP is, by its status and its `Content-Type` (MCP 2025-11-25, basic/transports).
public final class ResponseKind {
    /// Media type of a stream of events.
    public static final String EVENTS = "text/event-stream";

    /// Media type of one message.
    public static final String JSON = "application/json";

    private ResponseKind() {}

    public static boolean isEvents(HttpResponse<?> response) {
        return response.statusCode() == 200 && is(response, EVENTS);
    }

    public static boolean isJson(HttpResponse<?> response) {
        return is(response, JSON);
    }

    private static boolean is(HttpResponse<?> response, String kind) {
        String type = response.headers().firstValue("Content-Type").orElse("");
        int end = type.indexOf(';') < 0 ? type.length() : type.indexOf(';');
        return type.substring(0, end).strip().equalsIgnoreCase(kind);
    }
}
