package dev.guardrail.server.observe;

/// Takes spans that have ended. It never waits and never throws.
@FunctionalInterface
interface SpanSink {
    void take(Span span);
}
