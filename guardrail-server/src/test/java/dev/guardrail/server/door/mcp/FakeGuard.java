package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.relay.Relayed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A guard whose answer the name of the tool decides, and which remembers what it was asked.
final class FakeGuard implements Guard {
    static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    static final Instant EXPIRY = Instant.parse("2026-11-20T13:16:50Z");
    private static final Sha256 DIGEST = Sha256.of(JsonObject.EMPTY);

    final List<Proposal> proposed = new CopyOnWriteArrayList<>();
    final List<Attendance> attended = new CopyOnWriteArrayList<>();
    final List<CallId> executed = new CopyOnWriteArrayList<>();

    /// Everything that happened to held calls, as it happened: `held`, `executed`, `cancelled`, then the call.
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    /// Whether the catalogue is broken.
    volatile boolean blind;

    /// What `slow` waits for.
    volatile CompletableFuture<Void> release = new CompletableFuture<>();

    /// What a proposal waits for where it is set, having said `asked`.
    volatile CountDownLatch slow = new CountDownLatch(0);

    volatile List<ToolDefinition> tools = List.of(tool("echo", JsonObject.EMPTY));
    private final Map<CallId, CompletableFuture<Status>> tickets = new ConcurrentHashMap<>();

    static ToolDefinition tool(String name, JsonObject more) {
        var definition = JsonObject.with("name", name)
                .with("_meta", JsonObject.EMPTY)
                .withAll(more.members())
                .build();
        var toolName = new ToolName("files", name);
        return new ToolDefinition(
                toolName,
                definition,
                Optional.empty(),
                ToolEffect.READ,
                Set.of(),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(toolName, definition));
    }

    static JsonObject content(String text) {
        return JsonObject.with(
                        "content",
                        new JsonArray(List.of(JsonObject.with("type", "text")
                                .with("text", text)
                                .build())))
                .build();
    }

    @Override
    public Reply propose(Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance) {
        proposed.add(proposal);
        attended.add(attendance);
        var call = record(proposal, new CallId("call_" + proposed.size()));
        return switch (proposal.tool().name()) {
            case "echo" -> new Reply.Ran(call, content(proposal.arguments().toString()), true, false);
            case "fails" -> new Reply.Ran(call, content("no such file").set("isError", JsonBoolean.TRUE), false, false);
            case "rpc-error" ->
                new Reply.Ran(
                        call,
                        JsonObject.with(
                                        "error",
                                        JsonObject.builder()
                                                .with("code", -32050)
                                                .with("message", "upstream says no")
                                                .with("data", JsonNumber.of(1.5))
                                                .build())
                                .build(),
                        false,
                        false);
            case "asks" -> new Reply.Asked(with(call, Status.NEEDS_CLARIFICATION, "clarify", "Which ticket?"));
            case "held" -> held(call);
            case "slow" -> slow(call, attendance);
            case "broken" -> new Reply.Broken(ProblemType.JOURNAL_UNAVAILABLE, "the journal cannot be written");
            case "doubt" ->
                new Reply.Faulted(
                        with(call, Status.IN_DOUBT, "allow", ""), ProblemType.UPSTREAM_TIMEOUT, "no answer in time");
            case "throws" -> throw new StackOverflowError("planted");
            default -> new Reply.Refused(with(call, Status.DENIED, "deny", ""));
        };
    }

    private Reply held(CallRecord call) {
        if (slow.getCount() > 0) {
            events.add("asked");
            await(slow);
        }
        tickets.put(call.id(), new CompletableFuture<>());
        events.add("held " + call.id());
        return pending(call, "pending");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static Reply pending(CallRecord call, String state) {
        return new Reply.Held(
                with(call, Status.HELD, "require_approval", ""),
                new Reply.Pending("apr_" + call.id().value(), state, 1, 0, EXPIRY));
    }

    private Reply slow(CallRecord call, Attendance attendance) {
        relayed(attendance)
                .line()
                .say(
                        Rpc.notification(
                                "notifications/progress",
                                JsonObject.with("progressToken", "the upstream's")
                                        .with("progress", JsonNumber.of(1))
                                        .build()),
                        false);
        events.add("slow " + call.id());
        CompletableFuture.anyOf(release, attendance.left()).join();
        events.add((attendance.left().isDone() ? "left " : "done ") + call.id());
        return new Reply.Ran(call, content("slowly"), true, false);
    }

    static Relayed relayed(Attendance attendance) {
        return (Relayed) attendance.errand().orElseThrow();
    }

    void approve(CallId call) {
        ticket(call).complete(Status.HELD);
    }

    void deny(CallId call) {
        ticket(call).complete(Status.DENIED);
    }

    @Override
    public Reply evaluate(Proposal proposal, Optional<String> approval, Attendance attendance) {
        throw new AssertionError("the MCP door evaluates nothing");
    }

    @Override
    public Reply request(Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance) {
        throw new AssertionError("the MCP door requests nothing");
    }

    @Override
    public Reply execute(Caller caller, CallId call, Attendance attendance) {
        executed.add(call);
        events.add("executed " + call);
        return new Reply.Ran(record(call), content("approved and run"), true, false);
    }

    @Override
    public Reply report(Caller caller, CallId call, boolean ok, Optional<Json> result, String error) {
        throw new UnsupportedOperationException("this door reports nothing");
    }

    @Override
    public Reply state(Caller caller, CallId call, Duration wait) {
        try {
            Status status = ticket(call).get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return switch (status) {
                case HELD -> pending(record(call), "approved");
                case DENIED -> new Reply.Refused(byPerson(record(call)));
                default -> new Reply.Refused(with(record(call), status, "require_approval", ""));
            };
        } catch (TimeoutException over) {
            return pending(record(call), "pending");
        } catch (InterruptedException | ExecutionException broken) {
            throw new IllegalStateException(broken);
        }
    }

    @Override
    public Reply cancel(Caller caller, CallId call) {
        if (ticket(call).complete(Status.CANCELLED)) events.add("cancelled " + call);
        return new Reply.Refused(with(record(call), Status.CANCELLED, "require_approval", ""));
    }

    @Override
    public Reply withdraw(Caller caller, CallId call, String reason) {
        return cancel(caller, call);
    }

    @Override
    public List<ToolDefinition> visible(Caller caller, String server) {
        if (blind) throw new IllegalStateException("planted");
        return tools;
    }

    @Override
    public Optional<ToolDefinition> definition(ToolName tool) {
        if (blind) throw new IllegalStateException("planted");
        return tools.stream().filter(known -> known.name().equals(tool)).findFirst();
    }

    /// Waits for the next event.
    String event() throws InterruptedException {
        String event = events.poll(20, TimeUnit.SECONDS);
        if (event == null) throw new AssertionError("nothing happened within 20 s");
        return event;
    }

    private CompletableFuture<Status> ticket(CallId call) {
        return tickets.computeIfAbsent(call, unknown -> {
            throw new AssertionError("no such call: " + unknown);
        });
    }

    private CallRecord record(CallId call) {
        return record(proposed.get(Integer.parseInt(call.value().substring("call_".length())) - 1), call);
    }

    private static CallRecord record(Proposal proposal, CallId id) {
        return record(proposal.tool(), id, Status.SUCCEEDED, "allow", List.of(), "", "");
    }

    private static CallRecord with(CallRecord call, Status status, String effect, String message) {
        return record(call.tool(), call.id(), status, effect, List.of("some-rule"), "policy", message);
    }

    private static CallRecord byPerson(CallRecord call) {
        return record(call.tool(), call.id(), Status.DENIED, "deny", List.of("some-rule"), "person", "not today");
    }

    private static CallRecord record(
            ToolName tool, CallId id, Status status, String effect, List<String> rules, String cause, String message) {
        return new CallRecord(
                id,
                new SessionId("ses_1"),
                "coder",
                Optional.empty(),
                tool,
                DIGEST,
                DIGEST,
                DIGEST,
                Run.GUARD,
                "mcp",
                status,
                effect,
                rules,
                cause,
                message,
                List.of(),
                false,
                Optional.empty(),
                Optional.empty(),
                DIGEST,
                Optional.empty(),
                Instant.EPOCH,
                true,
                false,
                "guard",
                "",
                0,
                Optional.empty());
    }
}
