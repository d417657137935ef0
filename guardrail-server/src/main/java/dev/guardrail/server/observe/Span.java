package dev.guardrail.server.observe;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonText;
import dev.guardrail.server.relay.TraceContext;
import dev.guardrail.server.relay.Tracing;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A stretch of work in a trace. It is written on one thread, until it ends.
final class Span {
    /// What part of a conversation it is, by OTLP's numbers.
    enum Kind {
        INTERNAL(1),
        SERVER(2),
        CLIENT(3);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /// The span above it.
    ///
    /// @param remote it is not one of ours
    record Parent(String span, boolean remote) {}

    private final Kind kind;
    private final String name;
    private final TraceContext place;
    private final Optional<Parent> parent;
    private final Optional<TraceContext> link;
    private final long beginNanos;
    private final Map<String, Json> attributes = new LinkedHashMap<>();
    private long endNanos;
    private boolean failed;

    /// @param beginNanos since 1970
    /// @param link another span that led here
    Span(
            Kind kind,
            String name,
            TraceContext place,
            Optional<Parent> parent,
            Optional<TraceContext> link,
            long beginNanos) {
        this.kind = kind;
        this.name = name;
        this.place = place;
        this.parent = parent;
        this.link = link;
        this.beginNanos = beginNanos;
        this.endNanos = beginNanos;
    }

    Span with(String attribute, String value) {
        if (!value.isEmpty()) attributes.put(attribute, new JsonText(value));
        return this;
    }

    Span with(String attribute, Optional<String> value) {
        value.ifPresent(text -> with(attribute, text));
        return this;
    }

    Span with(String attribute, long value) {
        attributes.put(attribute, JsonNumber.of(value));
        return this;
    }

    Span with(String attribute, Collection<String> values) {
        attributes.put(attribute, JsonArray.ofTexts(values));
        return this;
    }

    Span ended(long nanos, Tracing.Ending ending) {
        endNanos = nanos;
        with(SpanNames.STATUS, ending.code()).with(SpanNames.ERROR, ending.fault());
        failed = ending.fault().isPresent();
        return this;
    }

    Kind kind() {
        return kind;
    }

    String name() {
        return name;
    }

    TraceContext place() {
        return place;
    }

    Optional<Parent> parent() {
        return parent;
    }

    Optional<TraceContext> link() {
        return link;
    }

    long beginNanos() {
        return beginNanos;
    }

    long endNanos() {
        return endNanos;
    }

    boolean isFailed() {
        return failed;
    }

    Map<String, Json> attributes() {
        return Collections.unmodifiableMap(attributes);
    }
}
