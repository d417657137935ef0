package dev.guardrail.server.door.authzen;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.net.URI;
import java.util.Locale;
import java.util.Set;

/// Bodies as AuthZEN has them. A member that is not known is passed over, as it asks for; otherwise they are read as
/// strictly as any other.
final class Wire {
    private Wire() {}

    /// @throws MalformedJson where there is no JSON object, or it does not say that it is JSON
    static JsonObject read(HttpRequest<byte[]> request, StrictJson.Limits limits) {
        boolean isJson = request.getContentType()
                .filter(type -> type.getName().equalsIgnoreCase(MediaType.APPLICATION_JSON))
                .isPresent();
        if (!isJson) throw new MalformedJson("a body is sent as application/json");
        byte[] sent = request.getBody().orElseGet(() -> new byte[0]);
        if (sent.length == 0) throw new MalformedJson("the request has no body");
        Json json = StrictJson.parse(sent, limits);
        if (json instanceof JsonObject object) return object;
        throw new MalformedJson("the body is one JSON object");
    }

    static MutableHttpResponse<byte[]> json(int status, Json json) {
        MutableHttpResponse<byte[]> response =
                HttpResponse.status(status, HttpStatus.valueOf(status).getReason());
        return response.contentType(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .body(JsonWriter.bytes(json));
    }

    /// This guard as the client reached it; the name was checked before. A name that is configured has the scheme
    /// that it is configured with: whoever ends TLS in front of the guard says so there.
    static String address(HttpRequest<?> request, Set<String> origins) {
        String sent = request.getHeaders().get(HttpHeaders.HOST);
        String host = sent == null ? "" : sent.toLowerCase(Locale.ROOT);
        return origins.stream()
                .filter(origin -> host.equals(URI.create(origin).getAuthority()))
                .sorted((one, other) -> other.compareTo(one))
                .findFirst()
                .orElseGet(() -> (request.isSecure() ? "https://" : "http://") + host);
    }
}
