package dev.guardrail.pipeline;

import dev.guardrail.approval.Plan;
import dev.guardrail.approval.PlannedCall;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolName;
import dev.guardrail.condition.Facts;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.Grant;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Decides what a plan is about: each of its calls as if it were proposed now. What holds any of them holds the plan; a
/// plan with a call that could not run as it is written is refused, because nobody could approve it as a whole. Other
/// calls pass.
record Planning(Decide decide) implements Stage<Judged, Judged> {
    private static final String ALONE = "Propose it by itself, and plan the others.";

    @Override
    public Step<Judged> apply(Judged judged) {
        Optional<Planned.Question> plan = judged.resolved().plan();
        return new Step.Next<>(
                plan.isEmpty()
                        ? judged
                        : switch (judged.verdict().decision()) {
                            case Decision.Deny deny -> judged;
                            case Decision.Clarify clarify -> judged;
                            case Decision.Hold hold -> weighed(judged, plan.get(), hold.holds());
                            case Decision.Allow allow -> weighed(judged, plan.get(), List.of());
                        });
    }

    /// @param own rules that hold the plan itself
    private Judged weighed(Judged judged, Planned.Question plan, Collection<Rule> own) {
        if (judged.resolved().identified().asked().proposal().run() == Run.CALLER)
            return denied(judged, "A plan is the guard's to run: propose it with `run: guard`.");
        if (!judged.modifiedBy().isEmpty()) return denied(judged, "A rule changes the plan; no plan can be made here.");
        var held = new ArrayList<PlannedCall>();
        for (int n = 0; n < plan.steps().size(); n++) {
            Plan.Step step = plan.plan().steps().get(n);
            String name = "Call " + (n + 1) + " of the plan, " + step.tool() + ", ";
            switch (weighed(plan, n, step)) {
                case Weighed.Free free -> {}
                case Weighed.Held(PlannedCall call) -> held.add(call);
                case Weighed.Amiss(String why) -> {
                    return denied(judged, name + why + ". " + ALONE);
                }
                case Weighed.Refused(Decision.Deny deny) -> {
                    return judged.answered(
                            new Decision.Deny(
                                    deny.determining(),
                                    deny.cause(),
                                    (name + "would be denied. " + deny.message()).strip(),
                                    deny.instead(),
                                    false),
                            Planned.NOTHING);
                }
                case Weighed.Unclear(Decision.Clarify clarify) -> {
                    return judged.answered(
                            new Decision.Clarify(
                                    clarify.determining(), name + "lacks something: " + clarify.question()),
                            Planned.NOTHING);
                }
            }
        }
        Optional<Planned> planned =
                Planned.of(PlannedCall.living(held, plan.plan().life()));
        return planned.isPresent()
                ? settled(judged, planned.get(), own)
                : denied(
                        judged,
                        "A rule has a value typed for each of the calls that it holds, and they differ. "
                                + "Propose them one by one.");
    }

    /// What one call of a plan comes to.
    private sealed interface Weighed {

        /// It needs nobody, now.
        record Free() implements Weighed {}

        /// People are asked.
        record Held(PlannedCall call) implements Weighed {}

        /// It cannot be part of a plan.
        ///
        /// @param why one lower-case clause about it
        record Amiss(String why) implements Weighed {}

        record Refused(Decision.Deny deny) implements Weighed {}

        record Unclear(Decision.Clarify clarify) implements Weighed {}
    }

    private Weighed weighed(Planned.Question plan, int n, Plan.Step step) {
        if (step.tool().equals(ToolName.PLAN)) return new Weighed.Amiss("is a plan itself");
        if (Requests.isRequest(step.tool())) return new Weighed.Amiss("is no tool");
        return switch (decide.apply(plan.steps().get(n))) {
            case Step.Next<Judged>(Judged call) -> weighed(call, step, plan.plan());
            case Step.Done<Judged> ended -> new Weighed.Amiss("cannot be decided now");
            case Step.Again<Judged> moved -> new Weighed.Amiss("cannot be decided now");
        };
    }

    private static Weighed weighed(Judged call, Plan.Step step, Plan plan) {
        if (!call.modifiedBy().isEmpty()) return new Weighed.Amiss("would be changed by a rule");
        // The plan was bound before its calls were decided: people would not agree to the profile.
        if (call.request().resource().confinement().isPresent()) return new Weighed.Amiss("runs in a sandbox");
        return switch (call.verdict().decision()) {
            case Decision.Deny deny -> new Weighed.Refused(deny);
            case Decision.Clarify clarify -> new Weighed.Unclear(clarify);
            case Decision.Allow allow -> new Weighed.Free();
            case Decision.Hold hold -> {
                var planned = new PlannedCall(call.request(), step.scope(), List.copyOf(hold.holds()));
                yield planned.objection(plan.life())
                        .<Weighed>map(why -> new Weighed.Amiss("cannot be planned so: " + why))
                        .orElseGet(() -> new Weighed.Held(planned));
            }
        };
    }

    /// What holds the plan or one of its calls, and is not answered by what people agreed to of this very plan.
    private Judged settled(Judged judged, Planned planned, Collection<Rule> own) {
        List<Grant> approved = decide.approved(judged.resolved(), judged.request());
        var facts = new Facts(judged.request(), judged.resolved().view());
        var fingerprint = judged.request().fingerprint();
        var open = new TreeMap<String, Rule>();
        for (Rule hold : own) open.put(hold.id().value(), hold);
        var used = new TreeSet<String>();
        for (Rule hold : planned.holds()) {
            Optional<Grant> answer = approved.stream()
                    .filter(grant -> grant.answers(hold, facts, fingerprint))
                    .findFirst();
            if (answer.isPresent()) used.add(answer.get().id());
            else open.put(hold.id().value(), hold);
        }
        if (!open.isEmpty()) return judged.answered(new Decision.Hold(new LinkedHashSet<>(open.values())), planned);
        var allow = (Decision.Allow) judged.verdict().decision();
        used.addAll(allow.grants());
        return judged.answered(new Decision.Allow(allow.determining(), used), planned);
    }

    private static Judged denied(Judged judged, String message) {
        Set<RuleId> none = Set.of();
        return judged.answered(new Decision.Deny(none, Cause.POLICY, message, List.of(), false), Planned.NOTHING);
    }
}
