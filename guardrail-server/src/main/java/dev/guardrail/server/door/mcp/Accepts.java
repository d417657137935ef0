package dev.guardrail.server.door.mcp;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import java.math.BigDecimal;
import java.util.List;

/// What kinds of answer a client takes. Events only where it names them: who says `*/*` gets plain JSON.
record Accepts(boolean json, boolean events) {

    static Accepts of(HttpRequest<?> request) {
        if (request.getHeaders().getAll(HttpHeaders.ACCEPT).isEmpty()) return new Accepts(true, false);
        List<MediaType> types = request.getHeaders().accept().stream()
                .filter(type -> type.getQualityAsNumber().compareTo(BigDecimal.ZERO) > 0)
                .toList();
        return new Accepts(
                types.stream().anyMatch(type -> is(type, "application", "json") || is(type, "*", "*")),
                types.stream().anyMatch(type -> is(type, "text", "event-stream")));
    }

    private static boolean is(MediaType type, String main, String sub) {
        return type.getType().equalsIgnoreCase(main)
                && (type.getSubtype().equalsIgnoreCase(sub) || type.getSubtype().equals("*"));
    }

    boolean nothing() {
        return !json && !events;
    }
}
