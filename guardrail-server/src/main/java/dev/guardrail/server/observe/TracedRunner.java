package dev.guardrail.server.observe;

import dev.guardrail.base.Json;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Lease;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.policy.Glob;
import dev.guardrail.server.relay.Asking;
import dev.guardrail.server.relay.Tracing;
import java.util.Optional;

/// Runs calls within spans: `execute_tool` for the use of a tool, and below it the request to its upstream.
record TracedRunner(Runner runner, Traces traces) implements Runner {

    @Override
    public Outcome run(Lease lease, DecisionRequest request, Attendance attendance) {
        // What a server asks of a client is no request to an upstream.
        boolean asks = attendance.errand().filter(Asking.class::isInstance).isPresent();
        return (asks ? Optional.<Trace>empty() : traces.current())
                .map(trace -> run(trace, lease, request, attendance))
                .orElseGet(() -> runner.run(lease, request, attendance));
    }

    private Outcome run(Trace trace, Lease lease, DecisionRequest request, Attendance attendance) {
        ToolName tool = request.resource().tool().name();
        boolean isTool = !tool.name().startsWith(Glob.MCP);
        Optional<String> target = isTool ? SpanNames.plain(tool.name()) : Optional.empty();
        Optional<Span> execution = isTool
                ? Optional.of(execution(trace, tool, target)
                        .with(SpanNames.CALL, request.call().value()))
                : Optional.empty();
        String method = isTool ? "tools/call" : tool.name().substring(Glob.MCP.length());
        Optional<Span> outbound = traces.isUpstream(tool.server())
                ? Optional.of(traces.outbound(tool.server(), method, target, trace, execution))
                : Optional.empty();
        Tracing.Ending end = Tracing.Ending.fault(SpanNames.OTHER);
        try {
            var outcome = runner.run(lease, request, attendance);
            end = ending(outcome);
            return outcome;
        } finally {
            long now = traces.now();
            Tracing.Ending seen = end;
            outbound.ifPresent(span -> traces.give(span.ended(now, seen)));
            execution.ifPresent(span -> traces.give(span.ended(now, seen)));
        }
    }

    private Span execution(Trace trace, ToolName tool, Optional<String> target) {
        String name = target.map(plain -> SpanNames.EXECUTE_TOOL + " " + plain).orElse(SpanNames.EXECUTE_TOOL);
        return traces.internal(name, trace)
                .with(SpanNames.OPERATION, SpanNames.EXECUTE_TOOL)
                .with(SpanNames.TOOL, target)
                .with(SpanNames.SERVER, tool.server());
    }

    private static Tracing.Ending ending(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Answered(Json result, boolean ok) ->
                Outcome.Answered.protocolError(result, ok)
                        .map(Tracing.Ending::error)
                        .orElseGet(() -> ok ? Tracing.Ending.WELL : Tracing.Ending.fault(Tracing.Ending.TOOL));
            case Outcome.NotRun not -> Tracing.Ending.fault(not.type().slug());
            case Outcome.Lost lost -> Tracing.Ending.fault(lost.type().slug());
        };
    }
}
