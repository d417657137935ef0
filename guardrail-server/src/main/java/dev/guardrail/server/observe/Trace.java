package dev.guardrail.server.observe;

import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.server.relay.TraceContext;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One request in its trace: our span of it, and where those stand that it is passed on to. It is known on the thread
/// of the request alone.
final class Trace {
    private final Optional<Span> request;
    private final TraceContext onward;
    private OptionalLong heldAt = OptionalLong.empty();

    /// @param request empty where the trace is not recorded
    /// @param onward what the upstream is told
    Trace(Optional<Span> request, TraceContext onward) {
        this.request = request;
        this.onward = onward;
    }

    boolean isRecorded() {
        return request.isPresent();
    }

    Optional<Span> request() {
        return request;
    }

    TraceContext onward() {
        return onward;
    }

    /// Takes a decision down: the latest counts.
    void decided(CallRecord call, long nanos) {
        waited(nanos);
        if (call.status() == Status.HELD) heldAt = OptionalLong.of(nanos);
        request.ifPresent(span -> span.with(SpanNames.CALL, call.id().value())
                .with(SpanNames.EFFECT, call.effect())
                .with(SpanNames.CAUSE, call.cause())
                .with(SpanNames.RULES, List.copyOf(call.rules()))
                .with(SpanNames.POLICY, call.policy().toString())
                .with(SpanNames.APPROVAL, call.ticket()));
    }

    /// Ends a wait for people, where there is one.
    void waited(long nanos) {
        heldAt.ifPresent(since ->
                request.ifPresent(span -> span.with(SpanNames.WAIT, Math.max(0, nanos - since) / 1_000_000)));
        heldAt = OptionalLong.empty();
    }
}
