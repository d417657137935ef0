package dev.guardrail.server.observe;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.InboundToken;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Tracing;
import java.util.Optional;
import java.util.function.Supplier;

/// Passes requests on within spans.
record TracedRelay(Relay relay, Traces traces) implements Relay {

    @Override
    public Answer open(
            String server, String connection, JsonObject hello, Line standing, Optional<InboundToken> token) {
        return within(server, "initialize", hello, () -> relay.open(server, connection, hello, standing, token));
    }

    @Override
    public Answer ask(String server, Passing passing) {
        return within(server, passing.method(), passing.params(), () -> relay.ask(server, passing));
    }

    private Answer within(String server, String method, JsonObject params, Supplier<Answer> work) {
        Optional<Span> span = traces.isUpstream(server)
                ? traces.current()
                        .map(trace ->
                                traces.outbound(server, method, Traces.target(method, params), trace, Optional.empty()))
                : Optional.empty();
        Tracing.Ending end = Tracing.Ending.fault(SpanNames.OTHER);
        try {
            var answer = work.get();
            end = Tracing.Ending.of(answer);
            return answer;
        } finally {
            Tracing.Ending seen = end;
            span.ifPresent(open -> traces.give(open.ended(traces.now(), seen)));
        }
    }

    @Override
    public Optional<Answer.Failure> stranger(String server, Optional<InboundToken> token) {
        return relay.stranger(server, token);
    }

    @Override
    public void tell(String server, String connection, String method, JsonObject params) {
        relay.tell(server, connection, method, params);
    }

    @Override
    public void listen(String server, String connection) {
        relay.listen(server, connection);
    }

    @Override
    public void deafen(String server, String connection) {
        relay.deafen(server, connection);
    }
}
