package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.problem.Faults;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Beside;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Way;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where each request of a client goes, in either era: tool calls and what else acts are decided, lists are filtered,
/// the rest passes.
final class Traffic {
    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);

    /// What reads nothing that policy knows of, and so passes.
    private static final Set<String> PASSING = Set.of(
            "ping",
            "server/discover",
            "resources/list",
            "resources/templates/list",
            "prompts/list",
            "completion/complete",
            "logging/setLevel");

    /// Requests on a task, which belong to whoever was given it.
    private static final Set<String> TASKS = Set.of("tasks/get", "tasks/result", "tasks/update", "tasks/cancel");

    /// Requests of the protocol that are decided; any other is not known where policy does not permit it.
    private static final Set<String> ACTIONS =
            Set.of("resources/read", "resources/subscribe", "resources/unsubscribe", "prompts/get");

    private final Guard guard;
    private final McpSettings settings;
    private final Relay relay;
    private final ToolCalls calls;
    private final TaskBook tasks;
    private final Ladder ladder;
    private final Inputs inputs;
    private final Addresses addresses;
    private final Supplier<String> ids;
    private final WireCounts counts;

    /// @param addresses shows a client of the first era where its user decides
    /// @param ids makes ids that cannot be guessed
    Traffic(
            Guard guard,
            McpSettings settings,
            Relay relay,
            ToolCalls calls,
            Ladder ladder,
            Inputs inputs,
            Addresses addresses,
            Supplier<String> ids,
            WireCounts counts) {
        this.guard = guard;
        this.settings = settings;
        this.relay = relay;
        this.calls = calls;
        this.tasks = new TaskBook();
        this.ladder = ladder;
        this.inputs = inputs;
        this.addresses = addresses;
        this.ids = ids;
        this.counts = counts;
    }

    /// Shows a client where its user decides.
    @FunctionalInterface
    interface Addresses {
        /// @return true where the user said that they look
        boolean shown(Asked asked, Reply.Held held);
    }

    /// @return the response, whole
    JsonObject answer(Asked asked) {
        String method = asked.request().method();
        if (method.equals("tools/call")) return tasks.noted(asked, call(asked));
        if (method.equals("tools/list")) return list(asked);
        if (TASKS.contains(method)) return task(asked);
        if (method.equals("subscriptions/listen")) return response(asked, pass(subscribed(asked)));
        return inputs.passed(asked, PASSING.contains(method) ? response(asked, pass(asked)) : action(asked));
    }

    /// Of what a client wants to hear, what it may: changes of lists, of resources that policy permits, and of tasks of
    /// its own.
    private Asked subscribed(Asked asked) {
        Optional<JsonObject> wanted = asked.params().object("notifications");
        if (wanted.isEmpty()) return asked;
        JsonObject heard = wanted.get();
        if (heard.has("resourceSubscriptions"))
            heard = heard.set(
                    "resourceSubscriptions",
                    JsonArray.ofTexts(heard.array("resourceSubscriptions").orElse(JsonArray.EMPTY).texts().stream()
                            .filter(uri -> inputs.isSubscriptionPermitted(asked, uri))
                            .toList()));
        if (heard.has("taskIds"))
            heard = heard.set(
                    "taskIds",
                    JsonArray.ofTexts(heard.array("taskIds").orElse(JsonArray.EMPTY).texts().stream()
                            .filter(task -> tasks.isOwn(asked, task))
                            .toList()));
        return asked.with(asked.params().set("notifications", heard));
    }

    /// A request on a task: of ours, of the upstream's where it was given to this caller, or of nobody's.
    private JsonObject task(Asked asked) {
        Optional<CallId> ours = asked.params().text("taskId").flatMap(Ladder::call);
        if (ours.isPresent() && asked.isStateless()) return ours(asked, ours.get());
        // The server hears of no other task than the caller's own, and says of a made-up one what it says of any.
        boolean own = tasks.isOwn(asked);
        if (!own) asked.exchange().refused(Fault.TASK);
        Asked meant = own ? asked : asked.with(asked.params().set("taskId", new JsonText("none-" + ids.get())));
        return inputs.passed(meant, response(meant, pass(meant)));
    }

    private JsonObject ours(Asked asked, CallId call) {
        return switch (asked.request().method()) {
            case "tasks/get" -> {
                Reply reply = calls.state(asked, call, tool -> asked.with(Ladder.params(asked, tool)));
                yield reply instanceof Reply.Broken(ProblemType type, String detail) && type == ProblemType.NOT_FOUND
                        ? fault(asked, Fault.TASK, detail)
                        : ladder.state(asked, call, reply, ToolAnswer.of(asked.id(), reply, true, () -> false));
            }
            case "tasks/cancel" ->
                calls.withdraw(asked, call) instanceof Reply.Broken(var type, String detail)
                        ? fault(asked, Fault.TASK, detail)
                        : Ladder.acknowledged(asked);
            default -> Ladder.acknowledged(asked);
        };
    }

    JsonObject fault(Asked asked, Fault fault, String detail) {
        asked.exchange().refused(fault);
        return answered(asked, fault, detail);
    }

    private static JsonObject answered(Asked asked, Fault fault, String detail) {
        asked.exchange().status(fault.status());
        return Rpc.error(asked.id(), fault, detail);
    }

    private JsonObject call(Asked asked) {
        var read = ToolCall.read(asked.server(), asked.params(), settings.argumentBytes());
        if (read.call().isEmpty()) return fault(asked, read.fault(), read.detail());
        ToolCall call = read.call().get();
        Reply reply = calls.answer(Ladder.without(asked), call.tool(), call.arguments(), call.reason());
        if (reply instanceof Reply.Queued queued) {
            Optional<JsonObject> handed = ladder.queued(asked, queued);
            if (handed.isPresent()) return handed.get();
        }
        if (reply instanceof Reply.Held held && !asked.exchange().hasLeft()) {
            Optional<JsonObject> handed = ladder.handed(asked, held);
            if (handed.isPresent()) return handed.get();
            if (asked.way() instanceof Way.Session && Ladder.takesAddresses(asked) && addresses.shown(asked, held))
                reply = calls.wait(asked, held, Ladder.LOOKING);
            else if (asked.exchange().hasLeft())
                reply = calls.cancel(asked, held.call().id());
        }
        return inputs.passed(
                asked, ToolAnswer.of(asked.id(), reply, asked.isStateless(), () -> declaresNoOutput(call.tool())));
    }

    /// Where that cannot be told, the decision goes without `structuredContent`, which every client takes.
    private boolean declaresNoOutput(ToolName tool) {
        try {
            return guard.definition(tool)
                    .filter(known -> !known.definition().has("outputSchema"))
                    .isPresent();
        } catch (RuntimeException fault) {
            LOG.error("whether a tool declares its output cannot be told: {}", Faults.trace(fault));
            return false;
        }
    }

    private JsonObject action(Asked asked) {
        String method = asked.request().method();
        if (!isMethod(method)) return fault(asked, Fault.UNDECLARED_METHOD, "the method is not offered here");
        var name = new ToolName(asked.server(), "mcp:" + method);
        Reply reply = calls.answer(asked, name, Beside.seen(asked.params()), "");
        return switch (reply) {
            case Reply.Ran(var call, Json result, boolean ok, boolean replayed) ->
                Outcome.Answered.protocolError(result, ok)
                        .map(error -> Rpc.error(asked.id(), error))
                        .orElseGet(() -> Rpc.result(asked.id(), result));
            case Reply.Broken(var type, String detail) -> Rpc.broken(asked.id(), type, detail);
            case Reply.Refused refused -> denied(asked, refused);
            case Reply.Held held -> denied(asked, held);
            case Reply.Queued queued -> denied(asked, queued);
            case Reply.Asked question -> denied(asked, question);
            case Reply.Permitted permitted -> denied(asked, permitted);
            case Reply.Present present -> denied(asked, present);
            case Reply.Faulted faulted -> denied(asked, faulted);
        };
    }

    private static boolean isMethod(String method) {
        return !method.isEmpty() && method.length() <= 128 && method.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    /// A request that is no tool call has no result to put a decision into.
    private JsonObject denied(Asked asked, Reply reply) {
        if (!ACTIONS.contains(asked.request().method())) {
            counts.count(Fault.UNDECLARED_METHOD); // the decision is journaled
            return answered(asked, Fault.UNDECLARED_METHOD, "the method is not offered here");
        }
        var words = AgentText.of(reply);
        return Rpc.denied(
                asked.id(),
                words.text(),
                JsonObject.with(ToolAnswer.DECISION, words.decision()).build());
    }

    /// A client of the second era is seen to leave once its response has begun.
    private Answer pass(Asked asked) {
        if (!asked.isStateless()) return relayed(asked);
        var late = calls.late(asked);
        try {
            return relayed(asked);
        } finally {
            late.cancel(false);
        }
    }

    private Answer relayed(Asked asked) {
        return relay.ask(
                asked.server(),
                new Relay.Passing(
                        asked.way(),
                        asked.request().method(),
                        asked.params(),
                        asked.headers(),
                        asked.line(),
                        asked.exchange().cancelled(),
                        settings.run(),
                        asked.caller().token()));
    }

    /// Tools that the caller is shown, page by page as the server gives them. A definition that is not the one that is
    /// pinned is left out.
    private JsonObject list(Asked asked) {
        if (asked.params().has("cursor") && asked.params().text("cursor").isEmpty())
            return fault(asked, Fault.PARAMS, "`cursor` must be a text");
        Answer answer = pass(asked);
        if (!(answer instanceof Answer.Result(JsonObject page))) return response(asked, answer);
        var visible = guard.visible(asked.caller(), asked.server()).stream()
                .collect(Collectors.toMap(ToolDefinition::name, ToolDefinition::digest));
        List<JsonObject> all = page.array("tools").orElse(JsonArray.EMPTY).objects();
        List<Json> shown = all.stream()
                .filter(tool -> isShown(asked.server(), tool, visible))
                .<Json>map(tool -> tool)
                .toList();
        JsonObject filtered = page.set("tools", new JsonArray(shown));
        boolean same = shown.size() == all.size();
        JsonObject result =
                same || !page.has("cacheScope") ? filtered : filtered.set("cacheScope", new JsonText("private"));
        return Rpc.result(asked.id(), result);
    }

    private static boolean isShown(String server, JsonObject tool, Map<ToolName, dev.guardrail.base.Sha256> visible) {
        try {
            var name = new ToolName(server, tool.text("name").orElse(""));
            var pinned = visible.get(name);
            return pinned != null && ToolDefinition.digest(name, tool).equals(pinned);
        } catch (IllegalArgumentException unusable) {
            return false;
        }
    }

    /// An answer that passes.
    JsonObject response(Asked asked, Answer answer) {
        return switch (answer) {
            case Answer.Result(JsonObject result) -> Rpc.result(asked.id(), RequestLine.subscribed(result, asked.id()));
            case Answer.Result(Json other) -> Rpc.result(asked.id(), other);
            case Answer.Failure(JsonObject error, int status, boolean named) -> {
                asked.exchange().status(status);
                yield named ? Rpc.error(asked.id(), error) : Rpc.unnamed(error);
            }
            case Answer.Missing(var type, String detail, boolean gone) -> Rpc.broken(asked.id(), type, detail);
        };
    }
}
