package dev.guardrail.server.door.http;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.server.problem.Faults;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Replies on the wire.
final class Answers {
    private Answers() {}

    /// Does a request's work. Whatever is thrown in it is answered as a problem.
    static HttpResponse<?> answered(Supplier<HttpResponse<?>> work) {
        return Faults.answered(work, problem -> problem);
    }

    /// What others wrote is exact once parsed, and hides nothing from somebody who reads the bytes.
    static MutableHttpResponse<byte[]> json(int status, Json json) {
        MutableHttpResponse<byte[]> response = HttpResponse.status(
                status, io.micronaut.http.HttpStatus.valueOf(status).getReason());
        return response.contentType(MediaType.APPLICATION_JSON_TYPE)
                .header("Cache-Control", "no-store")
                .body(JsonWriter.shown(json));
    }

    static MutableHttpResponse<byte[]> text(byte[] text) {
        return HttpResponse.<byte[]>ok()
                .contentType(new MediaType("text/plain; charset=utf-8"))
                .header("Cache-Control", "no-store")
                .body(text);
    }

    /// One page of a list.
    ///
    /// @param next where the next page starts; empty on the last one
    static MutableHttpResponse<byte[]> page(List<JsonObject> items, Optional<String> next) {
        return json(
                200,
                JsonObject.with("items", new JsonArray(List.copyOf(items)))
                        .with("next", next)
                        .build());
    }
}
