package dev.guardrail.approval;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.RuleDraft;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A desk on a store in memory, with clocks that stand until they are moved. Its calls are made by the agent `coder`
/// for the user `ann`; the operators `bob`, `carol` and `dave` are approvers.
final class Desk {
    static final SessionId SESSION = new SessionId("ses_1");

    MemoryStore store = new MemoryStore();
    Instant now = Calls.NOON;
    long nanos = 5_000_000_000L;
    final Map<String, Caller> operators = new LinkedHashMap<>();
    private final IdSource ids = counting();
    private final byte[] key = new byte[AesSeal.KEY_BYTES];
    Journal journal = journal();
    ApprovalDesk desk = desk();

    Desk() {
        for (String name : List.of("bob", "carol", "dave")) hire(name, Set.of("approver"), Set.of());
    }

    /// Ids that sort in order of making.
    private static IdSource counting() {
        int[] made = {1_000_000};
        return prefix -> prefix + "_" + made[0]++;
    }

    private Journal journal() {
        return new Journal(store, new AesSeal(key, new SecureRandom()), () -> now, () -> nanos);
    }

    private ApprovalDesk desk() {
        return new ApprovalDesk(journal, ids, operators::values);
    }

    Caller hire(String name, Set<String> roles, Set<String> groups) {
        var operator = new Caller(Caller.Kind.OPERATOR, name, roles, groups, Set.of(), Optional.empty());
        operators.put(name, operator);
        return operator;
    }

    /// The same store in a new process, whose monotonic clock starts anywhere.
    void reboot() {
        desk.close();
        store = store.reopen();
        nanos = -77;
        journal = journal();
        desk = desk();
    }

    /// Time goes by: on both clocks alike.
    void pass(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    static DecisionRequest request(String call) {
        var request = Calls.request(
                Calls.tool("bank.pay"),
                Calls.CODER,
                JsonObject.builder().with("amount", 75_000).with("call", call).build());
        return new DecisionRequest(
                new dev.guardrail.call.CallId(call),
                request.subject(),
                request.action(),
                request.resource(),
                request.context());
    }

    static Rule hold(String id, QuorumDraft quorum) {
        return RuleDraft.hold(id).on("*.*").quorum(quorum.quorum()).rule();
    }

    /// A held call with its ticket, committed as the pipeline does.
    Ticket held(String call, Rule... holds) {
        return held(request(call), Map.of(), holds);
    }

    Ticket held(QuorumDraft... quorums) {
        var rules = new Rule[quorums.length];
        for (int i = 0; i < rules.length; i++) rules[i] = hold("hold-" + i, quorums[i]);
        return held("call_1", rules);
    }

    Ticket held(DecisionRequest request, Map<RuleId, String> confirm, Rule... holds) {
        var draft = new Draft();
        var ticket = desk.open(draft, request, SESSION, new LinkedHashSet<>(List.of(holds)), confirm);
        var call = record(request, ticket, Status.HELD);
        draft.change(call.put(0));
        draft.change(new Repeat(Repeat.State.HELD, call.id(), Optional.of(ticket.id())).put(call.repeat(), 0));
        commit(draft);
        return ticket;
    }

    void commit(Draft draft) {
        try {
            journal.commit(draft);
        } catch (StoreConflict raced) {
            throw new AssertionError(raced);
        }
    }

    static CallRecord record(DecisionRequest request, Ticket ticket, Status status) {
        return new CallRecord(
                request.call(),
                SESSION,
                request.subject().agent(),
                request.subject().user(),
                request.action().tool(),
                request.resource().tool().digest(),
                Sha256.of(JsonObject.with("blinded", request.call().value()).build()),
                Sha256.of(JsonObject.with("repeat", request.call().value()).build()),
                Run.GUARD,
                "http",
                status,
                "require_approval",
                List.of(),
                "",
                "",
                List.of(),
                false,
                Optional.of(ticket.id()),
                Optional.empty(),
                Sha256.of(JsonObject.EMPTY),
                Optional.empty(),
                Calls.NOON,
                true,
                false,
                "",
                "",
                0,
                Optional.empty());
    }

    /// A vote by somebody who saw the right arguments.
    VoteResult approve(String voter, Ticket ticket) {
        return approve(voter, ticket, Optional.empty());
    }

    VoteResult approve(String voter, Ticket ticket, Optional<String> confirm) {
        return desk.approve(
                operator(voter), ticket.id(), request(ticket.call().value()).argumentsDigest(), "", confirm);
    }

    VoteResult deny(String voter, Ticket ticket) {
        return desk.deny(operator(voter), ticket.id(), "");
    }

    /// What a credential of this name says of itself; the electorate may no longer know it.
    private Caller operator(String name) {
        return operators.getOrDefault(
                name, new Caller(Caller.Kind.OPERATOR, name, Set.of("approver"), Set.of(), Set.of(), Optional.empty()));
    }

    Ticket ticket(Ticket ticket) {
        return desk.find(ticket.id()).orElseThrow();
    }

    TicketState state(Ticket ticket) {
        return ticket(ticket).state();
    }

    CallRecord call(Ticket ticket) {
        return CallRecord.of(
                journal.get(Kind.CALL, ticket.call().value()).orElseThrow().value());
    }

    Optional<Repeat> repeat(Ticket ticket) {
        return journal.get(Kind.REPEAT, Repeat.key(call(ticket).repeat())).map(document -> Repeat.of(document.value()));
    }

    /// Entries of a kind, oldest first.
    List<JsonObject> entries(String kind) {
        try {
            return store.read(0, Long.MAX_VALUE).stream()
                    .map(bytes -> (JsonObject) dev.guardrail.base.StrictJson.parse(bytes))
                    .filter(entry -> entry.text("kind").orElseThrow().equals(kind))
                    .toList();
        } catch (java.io.IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
    }

    /// Every document and entry as text: what somebody with the disk could read.
    String disk() {
        var text = new StringBuilder();
        try {
            for (byte[] entry : store.read(0, Long.MAX_VALUE))
                text.append(new String(entry, java.nio.charset.StandardCharsets.UTF_8))
                        .append('\n');
            for (Kind kind : Kind.values())
                for (var document : store.find(kind, dev.guardrail.journal.Document.Tags.NONE, "", Integer.MAX_VALUE))
                    text.append(document).append('\n');
        } catch (java.io.IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
        return text.toString();
    }
}
