package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.problem.Faults;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Asking;
import dev.guardrail.server.relay.Beside;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a server asks a client of the first era, decided before the client sees it: sampling, elicitation and
/// the list of the client's roots, which may widen what a server touches, are actions like any other.
final class ClientQuestions {
    private static final Logger LOG = LoggerFactory.getLogger(ClientQuestions.class);
    private static final int DENIED = -32011;

    /// Longest time that people take to answer.
    private static final Duration ANSWERING = Duration.ofMinutes(10);

    private final Guard guard;
    private final McpSettings settings;
    private final Caller caller;
    private final McpSession session;
    private final Supplier<String> ids;
    private final Executor executor;

    /// @param ids makes ids that cannot be guessed
    ClientQuestions(
            Guard guard,
            McpSettings settings,
            Caller caller,
            McpSession session,
            Supplier<String> ids,
            Executor executor) {
        this.guard = guard;
        this.settings = settings;
        this.caller = caller;
        this.session = session;
        this.ids = ids;
        this.executor = executor;
    }

    /// Decides, and asks the client where that is permitted.
    ///
    /// @param send says something to the client; false where it cannot be reached
    /// @return takes the question back
    Consumer<String> ask(String method, JsonObject params, Predicate<JsonObject> send, Consumer<Answer> answer) {
        var withdrawn = new CompletableFuture<String>();
        executor.execute(() -> answer.accept(answered(method, params, send, withdrawn)));
        return withdrawn::complete;
    }

    @SuppressWarnings("CatchThrowable") // whatever breaks, the server is answered
    private Answer answered(
            String method, JsonObject params, Predicate<JsonObject> send, CompletableFuture<String> withdrawn) {
        try {
            Asking asking = (decided, left) -> put(method, around(params, decided), send, left);
            var name = new ToolName(session.server(), "mcp:" + method);
            var proposal = ToolCalls.proposal(caller, name, Beside.seen(params), "");
            var attendance = new Attendance(Optional.of(asking), ANSWERING, withdrawn);
            Reply reply = guard.propose(proposal, Optional.empty(), attendance);
            if (reply instanceof Reply.Held held) reply = held(held, attendance);
            return of(reply);
        } catch (Throwable broken) {
            LOG.error("what a server asked could not be passed on: {}", Faults.trace(broken));
            return new Answer.Missing(ProblemType.INTERNAL, "the guard failed; the client was not asked", false);
        }
    }

    /// Shows the client's user an address of ours, which no policy decides.
    ///
    /// @return true where the user said that they look
    ///
    /// @param left completes where the client no longer waits
    boolean shown(JsonObject question, Predicate<JsonObject> send, CompletableFuture<String> left) {
        try {
            return Ladder.isAccepted(put("elicitation/create", question, send, left));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Reply held(Reply.Held held, Attendance attendance) {
        return guard.finish(caller, held.call().id(), settings.hold(), () -> false, attendance);
    }

    /// What was decided, with what no policy sees.
    private static JsonObject around(JsonObject params, JsonObject decided) {
        return params.object("_meta").map(meta -> decided.set("_meta", meta)).orElse(decided);
    }

    private Outcome put(
            String method, JsonObject params, Predicate<JsonObject> send, CompletableFuture<String> withdrawn)
            throws InterruptedException {
        var id = new RpcId(new JsonText("s" + ids.get()));
        var waiting = session.questions().open(id);
        try {
            if (withdrawn.isDone())
                return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "the server took its question back");
            if (!send.test(Rpc.request(id, method, params)))
                return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "the client has no stream open to be asked on");
            // Only now, so that no client hears of a question's end before the question.
            withdrawn.thenAccept(reason -> takeBack(id, reason, send, waiting));
            var response = waiting.get(ANSWERING.toNanos(), TimeUnit.NANOSECONDS);
            return response.error()
                    .map(Outcome.Answered::protocolError)
                    .orElseGet(() -> new Outcome.Answered(response.result().orElse(JsonObject.EMPTY), true));
        } catch (CancellationException | ExecutionException | TimeoutException none) {
            return new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "the client gave no answer");
        } finally {
            session.questions().close(id);
        }
    }

    private static void takeBack(
            RpcId id, String reason, Predicate<JsonObject> send, CompletableFuture<Message.Response> waiting) {
        boolean told = waiting.isDone()
                || send.test(Rpc.notification(
                        "notifications/cancelled",
                        JsonObject.with("requestId", id.json())
                                .with("reason", reason)
                                .build()));
        LOG.debug("a question was taken back{}", told ? "" : "; the client could not be told");
        waiting.cancel(false);
    }

    private static Answer of(Reply reply) {
        return switch (reply) {
            case Reply.Ran(var call, Json result, boolean ok, boolean replayed) ->
                Outcome.Answered.protocolError(result, ok)
                        .<Answer>map(error -> new Answer.Failure(error, 200, true))
                        .orElseGet(() -> new Answer.Result(result));
            case Reply.Broken(var type, String detail) -> new Answer.Missing(type, detail, false);
            case Reply.Refused refused -> denied(refused);
            case Reply.Held held -> denied(held);
            case Reply.Queued queued -> denied(queued);
            case Reply.Asked asked -> denied(asked);
            case Reply.Permitted permitted -> denied(permitted);
            case Reply.Present present -> denied(present);
            case Reply.Faulted faulted -> denied(faulted);
        };
    }

    private static Answer denied(Reply reply) {
        return Answer.Failure.of(DENIED, AgentText.of(reply).text());
    }
}
