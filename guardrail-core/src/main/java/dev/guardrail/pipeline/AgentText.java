package dev.guardrail.pipeline;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Run;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Effect;
import dev.guardrail.stop.Scope;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What an agent is told of a reply, in words and as data; the same through every door (contract, section 5).
/// Rule ids, and what their authors wrote for the agent, are all of the policy that it shows.
///
/// Longer than other classes: the words of all replies are to be read side by side.
///
/// @param text one line that says whether the call ran and what to do next, then one for each thing to add
/// @param decision the same for programs
public record AgentText(String text, JsonObject decision) {
    private static final String NOT_RUN = " The call did not run.";
    private static final String FINAL = " This is final: do not retry, also not in another form.";
    private static final String UNCHANGED = " Do not repeat it unchanged.";
    private static final String LIFTING = "Only an administrator of this guard can lift that.";

    /// Words for any reply.
    public static AgentText of(Reply reply) {
        return switch (reply) {
            case Reply.Ran(CallRecord call, var result, boolean ok, boolean replayed) ->
                new AgentText(
                        (ok ? "The call ran." : "The call ran, and the tool reported an error.") + changed(call),
                        facts(call).with("executed", true).build());
            case Reply.Permitted(CallRecord call, var arguments) ->
                new AgentText(
                        "Permitted. Run it once, with exactly these arguments, before the lease ends,"
                                + " and report what came of it." + changed(call),
                        facts(call).with("executed", false).build());
            case Reply.Refused(CallRecord call) -> refused(call);
            case Reply.Held(CallRecord call, Reply.Pending pending) -> held(call, pending);
            case Reply.Queued(CallRecord call) -> queued(call);
            case Reply.Asked(CallRecord call) -> asked(call);
            case Reply.Present(CallRecord call) -> present(call);
            case Reply.Faulted(CallRecord call, ProblemType type, String detail) -> faulted(call, type, detail);
            case Reply.Broken(ProblemType type, String detail) ->
                new AgentText(
                        detail,
                        JsonObject.with("error", type.slug())
                                .with("executed", false)
                                .build());
        };
    }

    /// What a person changed, where somebody did.
    private static String changed(CallRecord call) {
        return call.edits() == 0 || call.message().isBlank() ? "" : "\n" + call.message();
    }

    /// What an agent is told that runs into a stop: how far it reaches and who can lift it, no names and no reasons.
    static String stopped(Scope scope) {
        return switch (scope) {
                    case ALL -> "Everything is stopped here.";
                    case AGENT -> "This agent is stopped.";
                    case SESSION -> "This session is stopped.";
                    case TOOL -> "This tool is stopped.";
                    case SERVER -> "This server is stopped.";
                }
                + " " + LIFTING;
    }

    private static AgentText refused(CallRecord call) {
        if (call.status() == Status.CANCELLED || isLate(call)) return givenUp(call);
        Cause cause = cause(call);
        boolean last = isFinal(call);
        String first = reason(call, cause) + NOT_RUN + (last ? FINAL : next(cause));
        boolean quoted = cause == Cause.PERSON;
        Stream<String> message = quoted || call.message().isBlank() ? Stream.empty() : Stream.of(call.message());
        Stream<String> instead = call.instead().isEmpty()
                ? Stream.empty()
                : Stream.of("Allowed instead: " + String.join("; ", call.instead()));
        return new AgentText(
                Stream.of(Stream.of(first), message, instead)
                        .flatMap(lines -> lines)
                        .collect(Collectors.joining("\n")),
                denial(call, cause, last));
    }

    private static JsonObject denial(CallRecord call, Cause cause, boolean last) {
        return JsonObject.with("effect", Effect.DENY.text())
                .with("cause", cause.text())
                .with("executed", false)
                .with("final", last)
                .with("instead", JsonArray.ofTexts(call.instead()))
                .with("callId", call.id().value())
                .build();
    }

    /// Its time passed while it was queued.
    private static boolean isLate(CallRecord call) {
        return call.status() == Status.EXPIRED
                && call.queued().isPresent()
                && call.leaseUntil().isEmpty();
    }

    /// A call that waited and ended without a decision: its client left, somebody took it back, or it is another call
    /// now than was agreed to.
    private static AgentText givenUp(CallRecord call) {
        if (isStopped(call.error())) return takenBack(call);
        String words = call.message().isBlank() ? "" : "\nThey said: " + quoted(call);
        return new AgentText(ending(call) + NOT_RUN + next(Cause.EXPIRED) + words, denial(call, Cause.EXPIRED, false));
    }

    private static String ending(CallRecord call) {
        boolean queued = call.queued().isPresent();
        return switch (call.error()) {
            case "changed" ->
                queued
                        ? "Given up: the call or the policy has changed since it was queued."
                        : "Given up: the policy has changed since it was approved.";
            case "operator" -> "Cancelled by an operator.";
            case "agent", "host" -> "Cancelled as asked.";
            case "session_ended" -> "Given up: its session has ended.";
            case "agent_removed" -> "Given up: its agent is not configured any more.";
            case "late", "clock", "restored" -> "Given up: its time passed while the guard could not run it.";
            default -> queued ? "Given up: it could not be run." : "Given up: nobody waited for it any more.";
        };
    }

    /// A hold or a permit that a stop ended. Nobody but its caller knows whether a permitted call ran before.
    private static AgentText takenBack(CallRecord call) {
        String more = next(Cause.STOPPED) + "\n" + LIFTING;
        if (call.leaseUntil().isEmpty())
            return new AgentText(reason(call, Cause.STOPPED) + NOT_RUN + more, denial(call, Cause.STOPPED, false));
        return new AgentText(
                "An operator stopped it: the right to run the call is taken back. If it did not run yet, do not run it."
                        + more,
                facts(call).with("cause", Cause.STOPPED.text()).build());
    }

    private static boolean isStopped(String word) {
        return word.equals(Cause.STOPPED.text());
    }

    private static String reason(CallRecord call, Cause cause) {
        return switch (cause) {
            case POLICY -> "Denied by policy" + rules(call.rules()) + ".";
            case PERSON -> call.message().isBlank() ? "Denied by a person." : "Denied by a person: " + quoted(call);
            case EXPIRED -> "Denied: nobody approved it in time.";
            case LIMIT -> "Denied: a limit is reached" + rules(call.rules()) + ".";
            case STOPPED -> "Denied: an operator stopped it.";
            case IN_DOUBT -> "Denied: nobody knows yet whether an identical call ran.";
            case GUARD_ERROR -> "Denied: the guard could not decide, so it refused" + rules(call.rules()) + ".";
            case REQUESTABLE -> "Denied: people have to agree first" + rules(call.rules()) + ".";
            case DELAYED -> "Denied: policy delays the call" + rules(call.rules()) + ", and an evaluation cannot wait.";
            case SANDBOX_UNAVAILABLE ->
                "Denied: policy has the call run in a sandbox" + rules(call.rules()) + ", and there is none here.";
        };
    }

    private static String next(Cause cause) {
        return switch (cause) {
            case POLICY, PERSON, GUARD_ERROR -> UNCHANGED;
            case EXPIRED -> " Propose it again only if it is still needed.";
            case LIMIT -> " Do not repeat it before the limit allows it again.";
            case STOPPED -> " Do not repeat it before the operator lifts the stop.";
            case IN_DOUBT -> " Do not repeat it before an operator has settled that one.";
            case REQUESTABLE -> " Request an approval, then evaluate it again.";
            case DELAYED -> " Do not evaluate it again; propose it as a call.";
            case SANDBOX_UNAVAILABLE -> " Do not repeat it before an operator has mended that.";
        };
    }

    private static AgentText held(CallRecord call, Reply.Pending pending) {
        String expires = pending.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString();
        return new AgentText(
                "PENDING_APPROVAL " + pending.ticket() + " expires " + expires
                        + ". Not executed. Repeat the identical call after approval."
                        + (call.message().isBlank() ? "" : "\n" + call.message()),
                JsonObject.with("effect", Effect.REQUIRE_APPROVAL.text())
                        .with("executed", false)
                        .with("final", false)
                        .with(
                                "approval",
                                JsonObject.with("id", pending.ticket())
                                        .with("required", pending.required())
                                        .with("given", pending.given())
                                        .with("expiresAt", expires)
                                        .build())
                        .with("argumentsDigest", call.argumentsDigest().toString())
                        .with("callId", call.id().value())
                        .build());
    }

    private static AgentText queued(CallRecord call) {
        String at = call.queued()
                .orElseThrow()
                .runsAt()
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
        String then = call.run() == Run.GUARD
                ? " runs at " + at + ". Cancellable until then. Not executed yet. Do not repeat."
                : " may be run from " + at
                        + " on. Cancellable until then. Not executed yet. Wait for its permit; do not repeat.";
        return new AgentText(
                "QUEUED " + call.id() + then + changed(call),
                facts(call)
                        .with("queued", true)
                        .with("runsAt", at)
                        .with("executed", false)
                        .with("argumentsDigest", call.argumentsDigest().toString())
                        .build());
    }

    private static AgentText asked(CallRecord call) {
        String question = call.message().isBlank() ? "" : "\n" + call.message();
        return new AgentText(
                "More is needed" + rules(call.rules()) + "." + NOT_RUN + UNCHANGED + question,
                JsonObject.with("effect", Effect.CLARIFY.text())
                        .with("cause", Cause.POLICY.text())
                        .with("executed", false)
                        .with("final", false)
                        .with("ask", call.message())
                        .with("callId", call.id().value())
                        .build());
    }

    private static AgentText present(CallRecord call) {
        var facts = facts(call);
        return switch (call.status()) {
            case PROPOSED, PERMITTED, HELD ->
                new AgentText(
                        "The call has not run yet.",
                        facts.with("executed", false).build());
            case RUNNING ->
                new AgentText(
                        "An identical call is running. This one did not run. Do not repeat it before that one ends.",
                        facts.build());
            case SUCCEEDED ->
                new AgentText(
                        "The call ran before; what it answered is not kept.",
                        facts.with("executed", true).build());
            case FAILED -> new AgentText("The call was made before and failed: " + call.error() + ".", facts.build());
            case IN_DOUBT -> new AgentText(mayHaveRun(call), facts.build());
            case DENIED, NEEDS_CLARIFICATION -> refused(call);
            case EXPIRED ->
                new AgentText(
                        "The right to run the call lapsed. Nothing is known of it having run."
                                + " Propose it again only if it is still needed.",
                        facts.build());
            case CANCELLED -> givenUp(call);
            case UNDONE ->
                new AgentText(
                        "The call ran, and an operator has undone it since. Do not repeat it unless you are told to.",
                        facts.with("executed", true).build());
            case UNDO_FAILED ->
                new AgentText(
                        "The call ran, and undoing it has failed. Do not repeat it unless you are told to.",
                        facts.with("executed", true).build());
        };
    }

    private static String mayHaveRun(CallRecord call) {
        return "The call may have run: nobody knows."
                + (call.idempotent()
                        ? " It can be repeated: running it twice is running it once."
                        : " Do not repeat it before an operator has settled it.");
    }

    private static AgentText faulted(CallRecord call, ProblemType type, String detail) {
        var facts = facts(call).with("error", type.slug());
        if (isStopped(call.error())) facts.with("cause", Cause.STOPPED.text());
        if (call.status() == Status.FAILED)
            return new AgentText(
                    "The call was permitted, but did not run.\n" + sentence(detail),
                    facts.with("executed", false).build());
        return new AgentText(mayHaveRun(call) + "\n" + sentence(detail), facts.build());
    }

    private static String sentence(String detail) {
        return detail.isEmpty()
                ? "Why is not known."
                : Character.toUpperCase(detail.charAt(0)) + detail.substring(1) + (detail.endsWith(".") ? "" : ".");
    }

    /// What is always said of a call; its `executed` is left out where nobody knows.
    private static JsonObject.Builder facts(CallRecord call) {
        var facts = JsonObject.with("effect", call.effect())
                .with("state", call.status().text())
                .with("final", false)
                .with("callId", call.id().value());
        return call.edits() == 0 ? facts : facts.with("edited", true);
    }

    /// Nothing is offered instead, and no condition behind it can turn by itself.
    private static boolean isFinal(CallRecord call) {
        return call.fixed() && call.instead().isEmpty();
    }

    private static Cause cause(CallRecord call) {
        return Arrays.stream(Cause.values())
                .filter(cause -> cause.text().equals(call.cause()))
                .findFirst()
                .orElse(Cause.POLICY);
    }

    private static String rules(List<String> ids) {
        return ids.isEmpty() ? "" : ids.stream().sorted().collect(Collectors.joining(", ", " (", ")"));
    }

    private static String quoted(CallRecord call) {
        return "\"" + call.message().strip().replace('"', '\'') + "\".";
    }
}
