package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.approval.Scope;
import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.Run;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.StoredCalls;
import dev.guardrail.testing.Wrapped;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The vote that approves a call, where the call's client waits to run it: both are durable together, or the vote
/// alone, or neither.
final class HandedVoteSpec {
    private static final JsonObject ARGS = JsonObject.with("path", "a").build();
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Quorum TWO = quorum(2, Optional.empty());
    private static final Quorum REMEMBERED = quorum(1, Optional.of(Duration.ofHours(24)));
    private static final List<String> TOGETHER = List.of("voted", "ticket_closed", "decided");
    private static final List<String> ALONE = List.of("voted", "ticket_closed");

    private MemoryStore store = new MemoryStore();
    private final List<List<String>> commits = new CopyOnWriteArrayList<>();
    private final AtomicReference<Runnable> next = new AtomicReference<>(() -> {});
    private Rig rig = rig();
    private final AtomicBoolean gone = new AtomicBoolean();

    private Rig rig() {
        return new Rig(new Wrapped(store) {
            @Override
            public Receipt commit(Batch batch) throws IOException, StoreConflict {
                next.getAndSet(() -> {}).run();
                var receipt = super.commit(batch);
                commits.add(batch.entries().stream()
                        .map(line -> line.terms().kind())
                        .toList());
                return receipt;
            }
        });
    }

    private static Quorum quorum(int required, Optional<Duration> remember) {
        return new Quorum(
                List.of("role:approver"),
                required,
                false,
                true,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                Optional.empty(),
                remember,
                List.of(),
                List.of());
    }

    @BeforeEach
    void rules() {
        rig.tool("pay.send").rules(hold("people").on("pay.*").rule());
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
        var projections = new StoredCalls(store, new AesSeal(new byte[32], new SecureRandom()));
        var report = LogAudit.of(HeldLog.of(store), List.of(), Optional.of(projections), read -> {});
        assertEquals(Optional.empty(), report.fault());
    }

    private Reply.Held held() {
        return assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
    }

    /// A client that waits by now.
    private CompletableFuture<Reply> waiting(Supplier<Reply> client) throws InterruptedException {
        var reply = new CompletableFuture<Reply>();
        var thread = Thread.ofVirtual().start(() -> reply.complete(client.get()));
        while (thread.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
        return reply;
    }

    private CompletableFuture<Reply> finishing(Reply.Held held) throws InterruptedException {
        return waiting(() -> rig.guard.finish(
                Rig.CODER, held.call().id(), LONG, gone::get, Attendance.silent(Duration.ofSeconds(20))));
    }

    private static <T extends Reply> T told(Class<T> kind, CompletableFuture<Reply> reply) throws Exception {
        return assertInstanceOf(kind, reply.get(20, TimeUnit.SECONDS));
    }

    private TicketState state(Reply.Held held) {
        return rig.desk.find(held.pending().ticket()).orElseThrow().state();
    }

    /// Something that happens once, before the next commit is judged.
    private void between(Runnable some) {
        next.set(some);
    }

    // ---- together

    @Test
    void vote_approval_use_and_intent_are_one_batch() throws Exception {
        var held = held();
        var client = finishing(held);
        commits.clear();

        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));

        var ran = told(Reply.Ran.class, client);
        assertEquals(List.of(TOGETHER, List.of("executed")), commits);
        assertEquals(TicketState.USED, state(held));
        assertEquals(List.of("pay.send {\"path\":\"a\"}"), rig.ran());
        assertEquals(held.call().id(), ran.call().id());
        assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));
        assertEquals(1, rig.ran().size(), "an approval is used once");
        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.CAROL, held));
    }

    @Test
    void a_vote_that_completes_nothing_is_its_voters() throws Exception {
        rig.rules(hold("two").on("pay.*").quorum(TWO).rule());
        var held = held();
        var client = finishing(held);
        commits.clear();

        assertInstanceOf(VoteResult.Counted.class, rig.approve(Rig.BOB, held));
        assertEquals(List.of(List.of("voted")), commits);
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.CAROL, held));

        told(Reply.Ran.class, client);
        assertEquals(TOGETHER, commits.get(1));
    }

    @Test
    void a_grant_that_the_vote_gives_is_of_the_same_batch() throws Exception {
        rig.rules(hold("people").on("pay.*").quorum(REMEMBERED).rule());
        var held = held();
        var client = finishing(held);
        var scope = Scope.parse(JsonObject.with("for", "8h").with("calls", 2).build());
        commits.clear();

        rig.guard
                .scopedVotes()
                .approve(Rig.BOB, held.pending().ticket(), held.call().argumentsDigest(), "", Optional.empty(), scope);

        told(Reply.Ran.class, client);
        assertEquals(List.of("voted", "ticket_closed", "granted", "decided"), commits.getFirst());
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS), "the grant is used up");
    }

    @Test
    void of_two_clients_one_runs_it_and_both_are_told() throws Exception {
        var held = held();
        var one = finishing(held);
        var other = finishing(held);

        rig.approve(Rig.BOB, held);

        boolean first = told(Reply.Ran.class, one).replayed();
        boolean second = told(Reply.Ran.class, other).replayed();
        assertEquals(1, rig.ran().size());
        assertEquals(true, first ^ second);
    }

    // ---- alone

    @Test
    void whoever_only_looks_is_handed_nothing() throws Exception {
        var held = held();
        var looking = waiting(() -> rig.guard.state(Rig.CODER, held.call().id(), LONG));
        commits.clear();

        rig.approve(Rig.BOB, held);

        assertEquals("approved", told(Reply.Held.class, looking).pending().state());
        assertEquals(List.of(ALONE), commits);
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void nothing_runs_for_a_client_that_left() throws Exception {
        var held = held();
        var client = finishing(held);
        gone.set(true);
        commits.clear();

        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));

        assertEquals("approved", told(Reply.Held.class, client).pending().state());
        assertEquals(List.of(ALONE), commits);
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void what_policy_denies_by_now_does_not_run_and_the_vote_counts() throws Exception {
        refusedUnder(hold("people").on("pay.*").rule(), deny("no").on("pay.*").rule());
    }

    @Test
    void what_another_hold_asks_for_by_now_does_not_run() throws Exception {
        refusedUnder(
                hold("people").on("pay.*").rule(), hold("others").on("pay.*").rule());
    }

    /// The vote is written by its voter, and nothing runs under what is in force by then.
    private void refusedUnder(Rule... rules) throws Exception {
        var held = held();
        var client = finishing(held);
        rig.rules(rules);
        commits.clear();

        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));

        told(Reply.Refused.class, client);
        assertEquals(ALONE, commits.getFirst());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void what_policy_allows_by_now_without_people_uses_no_approval() throws Exception {
        var held = held();
        var client = finishing(held);
        rig.rules(allow("free").on("pay.*").rule());
        commits.clear();

        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));

        told(Reply.Ran.class, client);
        assertEquals(ALONE, commits.getFirst());
        assertEquals(TicketState.APPROVED, state(held));
    }

    @Test
    void what_waits_for_its_time_is_put_off_after_the_vote() throws Exception {
        rig.rules(
                hold("people").on("pay.*").rule(),
                allow("late").on("pay.*").delay(Duration.ofMinutes(5)).rule());
        var held = held();
        var client = finishing(held);
        commits.clear();

        rig.approve(Rig.BOB, held);

        told(Reply.Queued.class, client);
        assertEquals(ALONE, commits.getFirst());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void a_call_that_its_caller_runs_is_permitted_after_the_vote() throws Exception {
        var held = assertInstanceOf(
                Reply.Held.class, rig.propose(rig.proposal(Rig.CODER, "pay.send", ARGS, Run.CALLER, Optional.empty())));
        commits.clear();
        var client = finishing(held);

        rig.approve(Rig.BOB, held);

        client.get(20, TimeUnit.SECONDS);
        assertEquals(ALONE, commits.getFirst());
    }

    // ---- in between

    @Test
    void a_stop_in_between_lets_nothing_run() throws Exception {
        var held = held();
        var client = finishing(held);
        between(() -> rig.kill.order(dev.guardrail.stop.Scope.ALL, "", "otto", "it runs wild"));

        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, held));

        told(Reply.Refused.class, client);
        assertEquals(List.of(), rig.ran());
        assertEquals(TicketState.CANCELLED, state(held));
    }

    @Test
    void an_edit_in_between_makes_the_vote_none() throws Exception {
        var held = held();
        var client = finishing(held);
        var other = ARGS.set("path", new JsonText("b"));
        between(() -> assertInstanceOf(
                HeldCalls.Revised.Done.class,
                rig.guard
                        .held()
                        .revise(Rig.CAROL, held.pending().ticket(), held.call().argumentsDigest(), other, "")));

        assertInstanceOf(VoteResult.ArgumentsChanged.class, rig.approve(Rig.BOB, held));
        assertEquals(List.of(), rig.ran());

        var changed = CallRecord.of(rig.journal
                .get(Kind.CALL, held.call().id().value())
                .orElseThrow()
                .value());
        rig.desk.approve(Rig.BOB, held.pending().ticket(), changed.argumentsDigest(), "", Optional.empty());
        told(Reply.Ran.class, client);
        assertEquals(List.of("pay.send {\"path\":\"b\"}"), rig.ran());
    }

    @Test
    void of_two_votes_one_approves_and_the_call_runs_once() throws Exception {
        var held = held();
        var client = finishing(held);
        between(() -> assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.CAROL, held)));

        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, held));

        told(Reply.Ran.class, client);
        assertEquals(1, rig.ran().size());
        var approvers = rig.desk.find(held.pending().ticket()).orElseThrow().approvers();
        assertEquals(List.of("carol"), List.copyOf(approvers));
    }

    @Test
    void a_denial_in_between_stands() throws Exception {
        var held = held();
        var client = finishing(held);
        between(() -> assertInstanceOf(VoteResult.Closed.class, rig.deny(Rig.CAROL, held, "no")));

        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, held));

        told(Reply.Refused.class, client);
        assertEquals(List.of(), rig.ran());
    }

    // ---- the store fails

    @Test
    void a_batch_that_is_refused_leaves_neither_vote_nor_run() throws Exception {
        var held = held();
        var client = finishing(held);
        store.breakDown(MemoryStore.Fault.REFUSED);

        assertThrows(JournalUnavailable.class, () -> rig.approve(Rig.BOB, held));
        told(Reply.Broken.class, client);
        store.mend();

        assertEquals(TicketState.PENDING, state(held));
        assertEquals(List.of(), rig.ran());
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));
        assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));
    }

    @Test
    void a_crash_after_the_batch_leaves_vote_and_intent_and_no_second_run() throws Exception {
        var held = held();
        var client = finishing(held);
        store.breakDown(MemoryStore.Fault.UNKNOWN);

        assertThrows(JournalUnavailable.class, () -> rig.approve(Rig.BOB, held));
        told(Reply.Broken.class, client);
        rig.close();
        store = store.reopen();
        rig = rig();
        rules();
        rig.recovery.start();

        assertEquals(TicketState.USED, state(held));
        var call = assertInstanceOf(Reply.Faulted.class, rig.execute(held.call().id()));
        assertEquals(Status.IN_DOUBT, call.call().status());
        assertEquals(List.of(), rig.ran());
    }
}
