package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.relay.Relayed;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Takes calls, and other requests that are decided, to the guard and waits for what comes of them; one thread per
/// call, which may block.
final class ToolCalls {
    private static final String DOOR = "mcp";

    /// State of a ticket that has its quorum and waits to be used.

    /// Progress of waiting for people stays far below 1, so that the upstream's own still increases after it.
    private static final double WAITING_STEP = 1e6;

    private final Guard guard;
    private final McpSettings settings;
    private final Pulse pulse;
    private final Executor executor;

    /// How many clients wait for each held call: identical proposals join one hold.
    private final Map<CallId, Integer> waiting = new ConcurrentHashMap<>();

    ToolCalls(Guard guard, McpSettings settings, Pulse pulse, Executor executor) {
        this.guard = guard;
        this.settings = settings;
        this.pulse = pulse;
        this.executor = executor;
    }

    static Proposal proposal(Caller caller, ToolName tool, JsonObject arguments, String reason) {
        return new Proposal(caller, Optional.empty(), DOOR, tool, arguments, reason, Run.GUARD);
    }

    /// Begins the response where the answer does not come soon.
    Future<?> late(Asked asked) {
        return pulse.after(settings.direct(), () -> executor.execute(asked.exchange()::open));
    }

    private Attendance attendance(Asked asked) {
        return new Attendance(
                Optional.of(new Relayed(asked.way(), asked.params(), asked.headers(), asked.line())),
                settings.run(),
                asked.exchange().cancelled());
    }

    /// Proposes the call, waits for people while the client does, and says what came of it.
    Reply answer(Asked asked, ToolName tool, JsonObject arguments, String reason) {
        var attendance = attendance(asked);
        Future<?> late = late(asked);
        Reply reply;
        try {
            reply = guard.propose(proposal(asked.caller(), tool, arguments, reason), Optional.empty(), attendance);
        } finally {
            late.cancel(false);
        }
        return reply instanceof Reply.Held held ? hold(held, asked, attendance, settings.hold()) : reply;
    }

    /// Waits on for people, where the client has said that it does.
    Reply wait(Asked asked, Reply.Held held, Duration atMost) {
        return hold(held, asked, attendance(asked), atMost);
    }

    /// Where a call stands; one that was approved runs now, while its client asks.
    ///
    /// @param meant makes the request that the call is, from its tool
    Reply state(Asked asked, CallId call, Function<ToolName, Asked> meant) {
        Reply reply = guard.state(asked.caller(), call, Duration.ZERO);
        if (!reply.isApproved()) return reply;
        // From here on a client that leaves is seen to leave, where it takes events.
        boolean seen = asked.exchange().open();
        if (asked.exchange().hasLeft() || !seen && asked.exchange().takesEvents()) return reply;
        return switch (reply) {
            case Reply.Held held ->
                guard.execute(
                        asked.caller(), call, attendance(meant.apply(held.call().tool())));
            case Reply.Present(var record) ->
                guard.execute(asked.caller(), call, attendance(meant.apply(record.tool())));
            case Reply.Permitted permitted ->
                guard.execute(
                        asked.caller(),
                        call,
                        attendance(meant.apply(permitted.call().tool())));
            case Reply.Ran ran -> ran;
            case Reply.Queued queued -> queued;
            case Reply.Refused refused -> refused;
            case Reply.Asked question -> question;
            case Reply.Faulted faulted -> faulted;
            case Reply.Broken broken -> broken;
        };
    }

    Reply cancel(Asked asked, CallId call) {
        return guard.cancel(asked.caller(), call);
    }

    /// Takes back a call that waits, as its client asks.
    Reply withdraw(Asked asked, CallId call) {
        return guard.withdraw(asked.caller(), call, "");
    }

    /// Waits for people as long as the client does. When they have approved, the call is decided again and runs only
    /// while the client is still there; a client that left has its call given up, so that nothing runs behind its
    /// back.
    private Reply hold(Reply.Held first, Asked asked, Attendance attendance, Duration atMost) {
        Caller caller = asked.caller();
        Exchange exchange = asked.exchange();
        if (atMost.isZero() || !exchange.open()) return abandoned(first, caller, exchange);
        CallId held = first.call().id();
        Future<?> beats = progress(first, asked);
        waiting.merge(held, 1, Integer::sum);
        // Wakes the wait below, which then finds the call given up.
        var leaving = exchange.left().thenRunAsync(() -> giveUp(caller, held), executor);
        try {
            return await(first, caller, attendance, exchange, atMost);
        } finally {
            beats.cancel(false);
            leaving.cancel(false);
            waiting.computeIfPresent(held, (same, clients) -> clients == 1 ? null : clients - 1);
        }
    }

    private void giveUp(Caller caller, CallId held) {
        if (waiting.getOrDefault(held, 0) <= 1) guard.cancel(caller, held);
    }

    /// Waits once: a wait that ends early, because the guard is stopping, is over too.
    private Reply await(Reply.Held first, Caller caller, Attendance attendance, Exchange exchange, Duration atMost) {
        CallId held = first.call().id();
        Reply reply = guard.finish(caller, held, atMost, exchange::hasLeft, attendance);
        return abandoned(reply, caller, exchange);
    }

    /// Gives the call up where it is still held but its client is gone, and no other waits for it.
    private Reply abandoned(Reply reply, Caller caller, Exchange exchange) {
        if (reply instanceof Reply.Held held && exchange.hasLeft())
            giveUp(caller, held.call().id());
        return reply;
    }

    private Future<?> progress(Reply.Held held, Asked asked) {
        var count = new AtomicInteger();
        var token = asked.params()
                .object("_meta")
                .flatMap(meta -> meta.get("progressToken"))
                .filter(ToolCall::isToken);
        Runnable tell = () -> token.ifPresent(given -> asked.exchange()
                .tell(
                        Rpc.notification(
                                "notifications/progress",
                                JsonObject.with("progressToken", given)
                                        .with("progress", JsonNumber.of(count.incrementAndGet() / WAITING_STEP))
                                        .with(
                                                "message",
                                                new JsonText("waiting for a person ("
                                                        + held.pending().ticket() + ")"))
                                        .build()),
                        false));
        tell.run();
        return pulse.every(settings.beat(), tell);
    }
}
