package dev.guardrail.server.observe;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Spans as an OTLP request in JSON (OTLP 1.x, "JSON Protobuf Encoding": ids in hexadecimal, 64-bit numbers as texts,
/// enumerations as numbers).
final class OtlpSpans {
    private static final int ERROR = 2;
    private static final int REMOTE_KNOWN = 0x100;
    private static final int REMOTE = 0x200;

    private final JsonObject resource;
    private final JsonObject scope;

    /// @param version of this guard
    OtlpSpans(String version) {
        resource = JsonObject.with(
                        "attributes",
                        attributes(Map.of(
                                "service.name", new JsonText("guardrail"), "service.version", new JsonText(version))))
                .build();
        scope = JsonObject.with("name", "dev.guardrail")
                .with("version", version)
                .build();
    }

    JsonObject request(List<Span> spans) {
        List<Json> encoded = new ArrayList<>();
        for (Span span : spans) encoded.add(span(span));
        Json scoped = JsonObject.with("scope", scope)
                .with("spans", new JsonArray(encoded))
                .build();
        Json whole = JsonObject.with("resource", resource)
                .with("scopeSpans", new JsonArray(List.of(scoped)))
                .build();
        return JsonObject.with("resourceSpans", new JsonArray(List.of(whole))).build();
    }

    private static JsonObject span(Span span) {
        var place = span.place();
        boolean remote = span.parent().filter(Span.Parent::remote).isPresent();
        var encoded = JsonObject.with("traceId", place.trace()).with("spanId", place.span());
        if (!place.state().isEmpty()) encoded.with("traceState", place.state());
        span.parent().ifPresent(parent -> encoded.with("parentSpanId", parent.span()));
        encoded.with("flags", place.flags() | REMOTE_KNOWN | (remote ? REMOTE : 0))
                .with("name", span.name())
                .with("kind", span.kind().number())
                .with("startTimeUnixNano", String.valueOf(span.beginNanos()))
                .with("endTimeUnixNano", String.valueOf(span.endNanos()))
                .with("attributes", attributes(span.attributes()));
        span.link().ifPresent(link -> {
            var linked = JsonObject.with("traceId", link.trace())
                    .with("spanId", link.span())
                    .with("flags", link.flags() | REMOTE_KNOWN | REMOTE);
            if (!link.state().isEmpty()) linked.with("traceState", link.state());
            encoded.with("links", new JsonArray(List.of(linked.build())));
        });
        if (span.isFailed())
            encoded.with("status", JsonObject.builder().with("code", ERROR).build());
        return encoded.build();
    }

    private static JsonArray attributes(Map<String, Json> attributes) {
        List<Json> encoded = new ArrayList<>();
        attributes.forEach((name, value) -> encoded.add(
                JsonObject.with("key", name).with("value", value(value)).build()));
        return new JsonArray(encoded);
    }

    private static JsonObject value(Json value) {
        return switch (value) {
            case JsonNumber number ->
                JsonObject.with("intValue", number.literal()).build();
            case JsonArray array -> {
                List<Json> values = new ArrayList<>();
                for (String text : array.texts())
                    values.add(JsonObject.with("stringValue", text).build());
                yield JsonObject.with(
                                "arrayValue",
                                JsonObject.with("values", new JsonArray(values)).build())
                        .build();
            }
            case JsonText(String text) -> JsonObject.with("stringValue", text).build();
            case Json other -> JsonObject.with("stringValue", other.toString()).build();
        };
    }
}
