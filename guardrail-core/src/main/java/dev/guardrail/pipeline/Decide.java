package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Run;
import dev.guardrail.condition.Facts;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Amendment;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Grant;
import dev.guardrail.policy.RuleId;
import dev.guardrail.policy.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Asks policy: modify rules first, once, on the call as proposed; what they make is checked, resolved again and
/// decided, under the sandbox profile that its rules name, with the grants that an approval of this very call has
/// yielded, and standing ones that reach as far.
record Decide(Supplier<DecisionPoint> policies, Schemas schemas, Paths paths, ApprovalDesk desk, Confiner confiner)
        implements Stage<Resolved, Judged> {

    @Override
    public Step<Judged> apply(Resolved resolved) {
        DecisionPoint point = policies.get();
        if (resolved.unasked().isPresent())
            return judged(
                    resolved,
                    resolved.request(),
                    Set.of(),
                    verdict(resolved.unasked().get()),
                    point);
        return switch (point.amend(new Facts(resolved.request(), resolved.view()))) {
            case Amendment.Unchanged unchanged -> decided(resolved, resolved.request(), Set.of(), point);
            // What was prepared runs as it is, or not at all.
            case Amendment.Changed(JsonObject arguments, Set<RuleId> rules)
            when resolved.request().context().purpose() == Purpose.UNDO ->
                judged(
                        resolved,
                        resolved.request(),
                        Set.of(),
                        verdict(new Decision.Deny(
                                rules, Cause.POLICY, "A rule would change what undoes the call.", List.of(), false)),
                        point);
            case Amendment.Changed(JsonObject arguments, Set<RuleId> rules) ->
                amended(resolved, arguments, rules, point);
            case Amendment.Refused(Decision.Deny deny) ->
                judged(resolved, resolved.request(), Set.of(), verdict(deny), point);
        };
    }

    private Step<Judged> amended(Resolved resolved, JsonObject arguments, Set<RuleId> rules, DecisionPoint point) {
        DecisionRequest asked = resolved.request();
        var request = asked.with(arguments, paths.resolve(asked.action().tool(), arguments));
        if (schemas.violation(asked.resource().tool(), arguments).isPresent())
            return judged(
                    resolved,
                    asked,
                    Set.of(),
                    verdict(new Decision.Deny(rules, Cause.GUARD_ERROR, "", List.of(), false)),
                    point);
        return decided(resolved, request, rules, point);
    }

    private Step<Judged> decided(
            Resolved resolved, DecisionRequest meant, Set<RuleId> modifiedBy, DecisionPoint point) {
        Facts facts = point.confined(new Facts(meant, resolved.view()));
        DecisionRequest request = facts.request();
        List<Grant> grants = approved(resolved, request);
        Verdict verdict = point.decide(facts, grants);
        // Standing grants are looked for only where a hold is left that they could answer.
        if (verdict.decision() instanceof Decision.Hold) {
            List<Grant> standing = standing(resolved, request);
            if (!standing.isEmpty())
                verdict = point.decide(
                        facts, Stream.concat(grants.stream(), standing.stream()).toList());
        }
        return judged(resolved, request, modifiedBy, carriedOut(resolved, request, verdict), point);
    }

    /// A sandbox that cannot be had denies, also before people are asked.
    private Verdict carriedOut(Resolved resolved, DecisionRequest request, Verdict verdict) {
        boolean mayRun = verdict.decision() instanceof Decision.Allow || verdict.decision() instanceof Decision.Hold;
        if (!mayRun) return verdict;
        return objection(resolved, request)
                .map(why -> new Verdict(
                        new Decision.Deny(
                                verdict.decision().determining(), why.cause(), why.message(), List.of(), false),
                        verdict.failed(),
                        verdict.shadow()))
                .orElse(verdict);
    }

    private Optional<Confiner.Objection> objection(Resolved resolved, DecisionRequest request) {
        boolean callerRuns = request.resource().tool().callerRun()
                || resolved.identified().asked().proposal().run() == Run.CALLER;
        if (!callerRuns || request.resource().confinement().isEmpty()) return confiner.objection(request);
        return request.resource()
                .confinement()
                .map(under -> new Confiner.Objection(
                        Cause.POLICY,
                        "Policy has this call run in a sandbox (`" + under.profile()
                                + "`), which only the guard can do: propose it with `run: guard`."));
    }

    /// What people agreed to of this very call.
    List<Grant> approved(Resolved resolved, DecisionRequest request) {
        var vote = resolved.resumed().flatMap(Identified.Resumed::vote);
        if (vote.isPresent()) return desk.grants(vote.get(), request);
        return resolved.resumed()
                .flatMap(again -> again.call()
                        .ticket()
                        .flatMap(desk::find)
                        .map(ticket -> isPermitted(again)
                                ? desk.used(ticket, request, answeredUntil(again, request))
                                : desk.grants(ticket, request)))
                .orElse(List.of());
    }

    /// What people agreed to of calls like this one.
    private List<Grant> standing(Resolved resolved, DecisionRequest request) {
        var session = resolved.view().id();
        return resolved.resumed()
                .filter(Decide::isPermitted)
                .map(again -> desk.grants().used(request, session, answeredUntil(again, request)))
                .orElseGet(() -> desk.grants().fitting(request, session));
    }

    /// Until when a permit's approvals answer: as long as its lease runs. A queued call has none; what it used when it
    /// was put off still answers while it is decided.
    private static Instant answeredUntil(Identified.Resumed permitted, DecisionRequest request) {
        return permitted
                .call()
                .leaseUntil()
                .orElseGet(() -> request.context().time().plus(Commit.GUARD_LEASE));
    }

    private static Step<Judged> judged(
            Resolved resolved, DecisionRequest request, Set<RuleId> modifiedBy, Verdict verdict, DecisionPoint point) {
        return new Step.Next<>(new Judged(
                resolved,
                request,
                modifiedBy,
                verdict,
                point.policies().version(),
                Planned.NOTHING,
                Prepared.NOTHING,
                point.readsIrreversible()));
    }

    private static Verdict verdict(Decision.Deny deny) {
        return new Verdict(deny, Set.of(), Map.of());
    }

    /// True where the call was permitted before: its approval is used, by itself.
    static boolean isPermitted(Identified.Resumed resumed) {
        return resumed.call().status() == Status.PERMITTED;
    }
}
