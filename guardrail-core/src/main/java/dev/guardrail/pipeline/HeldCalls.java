package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Editable;
import dev.guardrail.approval.Edits;
import dev.guardrail.approval.Hold;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import dev.guardrail.registry.Attempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// What becomes of a held call beside votes, where the path has a say: a person changes its arguments, which are then
/// decided like any proposal's, and its agent answers a question.
public final class HeldCalls {
    private static final int ATTEMPTS = 64;

    private final Journal journal;
    private final ApprovalDesk desk;
    private final Ownership ownership;
    private final Redaction redaction;
    private final Supplier<DecisionPoint> policies;
    private final Stage<Asked, Judged> judging;

    /// @param judging the path up to the decision
    HeldCalls(
            Journal journal,
            ApprovalDesk desk,
            Ownership ownership,
            Redaction redaction,
            Supplier<DecisionPoint> policies,
            Stage<Asked, Judged> judging) {
        this.journal = journal;
        this.desk = desk;
        this.ownership = ownership;
        this.redaction = redaction;
        this.policies = policies;
        this.judging = judging;
    }

    /// What came of changing a call.
    public sealed interface Revised {

        /// It is on hold as changed, and nobody has voted on it yet.
        record Done(Ticket ticket) implements Revised {}

        /// Whoever asked may not, or not now.
        record Objected(VoteResult why) implements Revised {}

        /// Policy does not let the changed call wait for people; the call is as it was.
        ///
        /// @param rules that stand against it; empty where none permits it
        /// @param why one lower-case sentence for the person
        record Refused(Set<RuleId> rules, String why) implements Revised {
            public Refused {
                rules = Set.copyOf(rules);
            }
        }
    }

    /// Changes the arguments of a held call: they are decided now, bound anew, and lose every vote. Tool, agent, user
    /// and session stay; so does every rule that held the call before.
    ///
    /// @param seen digest of the arguments that the person saw
    public Revised revise(Caller voter, String ticket, Sha256 seen, JsonObject arguments, String reason) {
        return Attempt.retried(ATTEMPTS, () -> switch (desk.editable(voter, ticket, seen)) {
            case Editable.Refused(VoteResult why) -> new Revised.Objected(why);
            case Editable.Open open -> revise(voter, open, arguments, reason);
        });
    }

    private Revised revise(Caller voter, Editable.Open open, JsonObject arguments, String reason) throws StoreConflict {
        Document document = Ownership.call(journal, open.ticket().call());
        var resumed = Identified.Resumed.of(document);
        if (!redaction.redact(arguments).equals(arguments))
            return new Revised.Refused(Set.of(), "the arguments hold a secret, and are not kept");
        var wish = new Wish(voter, open, resumed, arguments, reason);
        return switch (judging.apply(asked(resumed, arguments))) {
            case Step.Next<Judged>(Judged judged) -> decided(judged, wish);
            case Step.Done<Judged> ended -> new Revised.Refused(Set.of(), "the call is over");
            case Step.Again<Judged> moved -> throw new StoreConflict(Kind.CALL, document.key());
        };
    }

    /// A held call, to be asked anew with these arguments.
    static Asked asked(Identified.Resumed resumed, JsonObject arguments) {
        CallRecord call = resumed.call();
        var proposal = new Proposal(
                resumed.absent(),
                Optional.of(call.session()),
                call.door(),
                call.tool(),
                arguments,
                "",
                call.run(),
                call.reversal().undoes());
        return new Asked(proposal, Optional.empty(), Attendance.silent(Duration.ofSeconds(1)), Optional.of(resumed));
    }

    /// What somebody wants a held call to be.
    private record Wish(
            Caller voter, Editable.Open open, Identified.Resumed resumed, JsonObject arguments, String reason) {}

    private Revised decided(Judged judged, Wish wish) throws StoreConflict {
        return switch (judged.verdict().decision()) {
            case Decision.Deny deny ->
                new Revised.Refused(
                        deny.determining(),
                        deny.message().isEmpty() ? "policy denies the call as changed" : deny.message());
            case Decision.Clarify clarify ->
                new Revised.Refused(clarify.determining(), "policy asks for more: " + clarify.question());
            case Decision.Hold hold -> write(judged, wish, hold.holds());
            case Decision.Allow allow -> write(judged, wish, List.of());
        };
    }

    /// A crash before the commit leaves the call as it was; after it, as it was changed.
    private Revised write(Judged judged, Wish wish, Collection<Rule> raised) throws StoreConflict {
        Ticket before = wish.open().ticket();
        var holds = new LinkedHashSet<>(raised);
        DecisionPoint point = policies.get();
        for (Hold hold : before.holds()) point.hold(hold.digest()).ifPresent(holds::add);
        Optional<Map<RuleId, String>> confirm = judged.confirm(holds);
        if (confirm.isEmpty())
            return new Revised.Refused(Set.of(), "a rule asks for an argument to confirm that is not there any more");
        CallRecord call = wish.resumed()
                .call()
                .edited(
                        judged.request().argumentsDigest(),
                        judged.request().resource().tool().digest(),
                        judged.policy(),
                        holds.stream().map(rule -> rule.id().value()).sorted().toList());
        var draft = new Draft();
        var bodies = new ArrayList<Commitment>();
        add(draft, bodies, call.argumentsBody(), judged.request().action().arguments());
        if (!judged.modifiedBy().isEmpty()) add(draft, bodies, call.editedBody(), wish.arguments());
        var by = new Edits.By(wish.voter().name(), wish.reason(), bodies);
        desk.edit(draft, wish.open(), judged.request(), holds, confirm.get(), by);
        draft.change(call.put(wish.resumed().version()));
        journal.commit(draft);
        return new Revised.Done(desk.find(before.id()).orElseThrow());
    }

    private void add(Draft draft, List<Commitment> commitments, String id, JsonObject value) {
        var sealed = journal.seal(id, value);
        draft.body(sealed.body());
        commitments.add(sealed.commitment());
    }

    /// The agent, or the application that runs it, answers what an approver asked.
    ///
    /// @throws Refusal where the call is not the caller's
    public VoteResult answer(Caller caller, CallId id, String words) {
        Document document = Ownership.call(journal, id);
        CallRecord call = CallRecord.of(document.value());
        if (!ownership.owns(caller, call.session()) || call.ticket().isEmpty())
            throw Ownership.nothing("held call", id.value());
        String by = caller.kind() == Caller.Kind.HOST ? "host:" : "agent:";
        return desk.answer(by + caller.name(), call.ticket().get(), words);
    }
}
