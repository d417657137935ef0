package dev.guardrail.pipeline;

import dev.guardrail.approval.Plan;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Action;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Decision;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.Session;
import dev.guardrail.session.SessionView;
import dev.guardrail.stop.InForce;
import dev.guardrail.stop.Stops;
import dev.guardrail.stop.Target;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Makes the canonical question: the pinned tool, the paths as they are, the session as it stands, and what an
/// identical proposal met before.
record Resolve(
        Journal journal,
        IdSource ids,
        Catalogue catalogue,
        Schemas schemas,
        Paths paths,
        SessionRegistry sessions,
        Stops stops,
        Refusals refusals,
        Replies replies)
        implements Stage<Identified, Resolved> {

    @Override
    public Step<Resolved> apply(Identified asked) {
        // Before all else, so that whatever is found below is no older than it.
        InForce inForce = stops.now();
        Sha256 repeat =
                asked.asked().resumed().map(again -> again.call().repeat()).orElseGet(() -> repeat(asked));
        Optional<Resolved.Earlier> earlier = journal.get(Kind.REPEAT, Repeat.key(repeat))
                .map(document -> new Resolved.Earlier(Repeat.of(document.value()), document.version()));
        Optional<Identified.Resumed> resumed = asked.asked()
                .resumed()
                .or(() -> earlier.filter(met -> asked.asked().manner().joins(met.repeat()))
                        .flatMap(this::approvedCall));
        if (resumed.isEmpty() && earlier.isPresent() && earlier.get().repeat().state() == Repeat.State.REFUSED)
            return new Step.Done<>(
                    replies.present(stored(earlier.get().repeat().call()).call()));
        Optional<CallRecord> queued = resumed.isEmpty() ? queued(asked, earlier) : Optional.empty();
        if (queued.isPresent()) return new Step.Done<>(replies.present(queued.get()));

        Optional<Identified> meant = asChanged(asked, resumed);
        if (meant.isEmpty())
            return new Step.Done<>(new Reply.Broken(
                    ProblemType.ARGUMENTS_CHANGED,
                    "a person changed this call's arguments, and they are not kept any more; propose it anew"));
        return new Step.Next<>(planned(question(meant.get(), repeat, earlier, resumed, inForce)));
    }

    private Resolved question(
            Identified identified,
            Sha256 repeat,
            Optional<Resolved.Earlier> earlier,
            Optional<Identified.Resumed> resumed,
            InForce inForce) {
        Proposal proposal = identified.asked().proposal();
        Optional<ToolDefinition> known = catalogue.find(proposal.tool());
        ToolDefinition tool = known.orElseGet(() -> unknown(proposal.tool()));
        var call = resumed.map(again -> again.call().id()).orElseGet(() -> new CallId(ids.next("call")));
        var request = new DecisionRequest(
                call,
                identified.subject(),
                new Action(proposal.tool(), proposal.arguments()),
                new Resource(tool, paths.resolve(proposal.tool(), proposal.arguments())),
                new Context(journal.now(), proposal.reason(), risk(tool, repeat), proposal.purpose()));
        return new Resolved(
                identified,
                request,
                view(identified.session(), resumed),
                repeat,
                earlier,
                resumed,
                inForce,
                stopped(inForce, identified, request)
                        .or(() -> unasked(identified, known, tool, proposal.arguments(), earlier)),
                Optional.empty());
    }

    /// A permit that is decided again was counted with the first: it does not stand in its own way.
    private SessionView view(SessionRegistry.Versioned session, Optional<Identified.Resumed> resumed) {
        SessionView view = sessions.view(session);
        return resumed.filter(Identified.Resumed::isCounted).isPresent() ? view.uncounted() : view;
    }

    /// A plan is about its calls: each is resolved as if it were proposed by itself, and bound with the plan.
    private Resolved planned(Resolved resolved) {
        if (!resolved.request().action().tool().equals(ToolName.PLAN)
                || resolved.unasked().isPresent()) return resolved;
        try {
            Plan plan = Plan.parse(resolved.request().action().arguments());
            var steps = plan.steps().stream()
                    .map(step -> resolved.identified().with(step.tool(), step.arguments()))
                    .map(step -> question(step, repeat(step), Optional.empty(), Optional.empty(), resolved.stops()))
                    .toList();
            return resolved.about(new Planned.Question(plan, steps));
        } catch (MalformedJson malformed) {
            return resolved.denied(new Decision.Deny(
                    Set.of(), Cause.POLICY, "This is no plan: " + malformed.getMessage() + ".", List.of(), false));
        }
    }

    /// A stop binds whatever acts. Undoing is what it leaves an operator.
    private Optional<Decision.Deny> stopped(InForce inForce, Identified identified, DecisionRequest request) {
        if (request.context().purpose() == Purpose.UNDO) return Optional.empty();
        Session session = identified.session().session();
        var target = new Target(session.agent(), session.id(), request.action().tool());
        return inForce.binding(target, () -> sessions.origins(session.id()))
                .flatMap(stop -> deny(Cause.STOPPED, AgentText.stopped(stop.scope())));
    }

    /// Whoever repeats a call that a person has changed means the call as it was changed, and is told so.
    ///
    /// @return empty where the changed arguments are gone
    private Optional<Identified> asChanged(Identified identified, Optional<Identified.Resumed> resumed) {
        boolean repeated = identified.asked().resumed().isEmpty();
        Optional<CallRecord> changed =
                resumed.map(Identified.Resumed::call).filter(call -> call.edits() > 0 && repeated);
        return changed.isEmpty()
                ? Optional.of(identified)
                : replies.proposed(changed.get()).map(identified::with);
    }

    /// Blinded digest of agent, session, tool and arguments as proposed.
    private Sha256 repeat(Identified identified) {
        Proposal proposal = identified.asked().proposal();
        return journal.blind(
                Sha256.of(JsonObject.with("agent", identified.subject().agent())
                        .with("session", identified.session().session().id().value())
                        .with("tool", proposal.tool().toString())
                        .with("arguments", proposal.arguments())
                        .with("undoes", proposal.undoes().map(CallId::value))
                        .build()));
    }

    /// The held call that an identical proposal joins once its ticket is approved.
    private Optional<Identified.Resumed> approvedCall(Resolved.Earlier earlier) {
        if (earlier.repeat().state() != Repeat.State.HELD) return Optional.empty();
        Identified.Resumed held = stored(earlier.repeat().call());
        boolean waits = held.call().status() == Status.HELD && replies.isApproved(held.call());
        return waits ? Optional.of(held) : Optional.empty();
    }

    /// The call that waits for its time and that an identical proposal meets. An evaluation is none: it cannot wait.
    private Optional<CallRecord> queued(Identified asked, Optional<Resolved.Earlier> earlier) {
        if (!(asked.asked().manner() instanceof Manner.Proposed)) return Optional.empty();
        return earlier.map(Resolved.Earlier::repeat)
                .filter(repeat -> repeat.state() == Repeat.State.QUEUED)
                .map(repeat -> stored(repeat.call()).call())
                .filter(CallRecord::isQueued);
    }

    private Identified.Resumed stored(CallId id) {
        Document document = Ownership.call(journal, id);
        return Identified.Resumed.of(document);
    }

    private Optional<Decision.Deny> unasked(
            Identified identified,
            Optional<ToolDefinition> known,
            ToolDefinition tool,
            JsonObject arguments,
            Optional<Resolved.Earlier> earlier) {
        Session session = identified.session().session();
        boolean undoes = identified.asked().proposal().undoes().isPresent();
        if (!undoes && !sessions.isActive(session))
            return deny(Cause.STOPPED, "The session, or one that it comes from, is not at work.");
        if (known.isEmpty() || tool.name().isUndo() && !undoes)
            return deny(
                    Cause.POLICY,
                    catalogue.isQuarantined(tool.name())
                            ? "The tool's definition is new or has changed, and waits for an operator's acceptance."
                            : "There is no such tool here.");
        Optional<String> violation = schemas.violation(tool, arguments);
        if (violation.isPresent())
            return deny(Cause.POLICY, "The arguments do not fit the tool's schema: " + violation.get() + ".");
        if (!tool.idempotent()
                && earlier.isPresent()
                && earlier.get().repeat().state() == Repeat.State.IN_DOUBT
                && !identified
                        .asked()
                        .resumed()
                        .map(again -> again.call().id())
                        .equals(earlier.map(met -> met.repeat().call())))
            return deny(Cause.IN_DOUBT, "Nobody knows yet whether an identical call ran.");
        return Optional.empty();
    }

    private static Optional<Decision.Deny> deny(Cause cause, String message) {
        return Optional.of(new Decision.Deny(Set.of(), cause, message, List.of(), false));
    }

    /// Risk by what the tool does, one step more from the third refused attempt at the same thing.
    private Risk risk(ToolDefinition tool, Sha256 repeat) {
        Risk base = switch (tool.effect()) {
            case READ -> Risk.LOW;
            case WRITE, EXTERNAL -> Risk.MEDIUM;
            case DESTRUCTIVE -> Risk.HIGH;
        };
        boolean insists = refusals.count(repeat) >= 2;
        return insists ? Risk.values()[Math.min(base.ordinal() + 1, Risk.CRITICAL.ordinal())] : base;
    }

    static ToolDefinition unknown(ToolName name) {
        return new ToolDefinition(
                name,
                JsonObject.EMPTY,
                Optional.empty(),
                ToolEffect.EXTERNAL,
                Set.of(),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(name, JsonObject.EMPTY));
    }
}
