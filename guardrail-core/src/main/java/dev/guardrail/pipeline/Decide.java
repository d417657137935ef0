package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.DecisionRequest;
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
import java.util.Set;
import java.util.function.Supplier;

/// Asks policy: modify rules first, once, on the call as proposed; what they make is checked, resolved again and
/// decided, with the grants that an approval of this very call has yielded.
record Decide(Supplier<DecisionPoint> policies, Schemas schemas, Paths paths, ApprovalDesk desk)
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
            Resolved resolved, DecisionRequest request, Set<RuleId> modifiedBy, DecisionPoint point) {
        List<Grant> grants = resolved.resumed()
                .flatMap(again -> again.call()
                        .ticket()
                        .flatMap(desk::find)
                        .map(ticket -> isPermitted(again)
                                ? desk.used(
                                        ticket,
                                        request,
                                        again.call().leaseUntil().orElseGet(() -> afterQueue(request)))
                                : desk.grants(ticket, request)))
                .orElse(List.of());
        return judged(resolved, request, modifiedBy, point.decide(new Facts(request, resolved.view()), grants), point);
    }

    /// A queued call has no lease; its approval was used when it was put off, and still answers while it is decided.
    private static Instant afterQueue(DecisionRequest request) {
        return request.context().time().plus(Commit.GUARD_LEASE);
    }

    private static Step<Judged> judged(
            Resolved resolved, DecisionRequest request, Set<RuleId> modifiedBy, Verdict verdict, DecisionPoint point) {
        return new Step.Next<>(new Judged(
                resolved, request, modifiedBy, verdict, point.policies().version()));
    }

    private static Verdict verdict(Decision.Deny deny) {
        return new Verdict(deny, Set.of(), Map.of());
    }

    /// True where the call was permitted before: its approval is used, by itself.
    static boolean isPermitted(Identified.Resumed resumed) {
        return resumed.call().status() == Status.PERMITTED;
    }
}
