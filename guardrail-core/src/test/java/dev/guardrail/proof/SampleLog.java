package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Reversal;
import dev.guardrail.journal.Status;
import dev.guardrail.testing.HeldLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A sound log with every kind of entry and every end of a call, for tests to break.
final class SampleLog {
    static final String ORIGIN = "example.com/sample";
    static final Ed25519Signer SIGNER = Ed25519Signer.of(ORIGIN, seed(0));
    static final Ed25519Signer NEXT = Ed25519Signer.of(ORIGIN, seed(1));
    static final Sha256 POLICY = digest("policy");

    final List<Entry> entries = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private int calls;

    static SampleLog started() {
        var log = new SampleLog();
        log.add(at -> new Entry.KeyRotated(at, SIGNER.verifier().vkey(), Optional.empty()));
        log.add(at -> new Entry.PackActivated(at, POLICY, 4));
        log.add(at -> new Entry.ToolSeen(at, tool(), digest("tool"), "pinned", "guard"));
        log.add(at -> new Entry.SessionChanged(
                at, session(), "coder", Optional.of(digest("ann")), "opened", "host:app", commitment("ses_1/task")));
        return log;
    }

    /// Some rounds of everything.
    static SampleLog full(int rounds) {
        var log = started();
        for (int i = 0; i < rounds; i++) log.round();
        return log;
    }

    private void round() {
        outcome(run(), Status.SUCCEEDED, "guard");
        outcome(run(), Status.FAILED, "guard");
        decided(fresh(), "deny", Status.DENIED);
        decided(fresh(), "clarify", Status.NEEDS_CLARIFICATION);
        String doubtful = run();
        outcome(doubtful, Status.IN_DOUBT, "guard");
        outcome(doubtful, Status.SUCCEEDED, "operator");
        String late = permit();
        outcome(late, Status.EXPIRED, "guard");
        outcome(late, Status.FAILED, "host");
        outcome(permit(), Status.SUCCEEDED, "agent");
        String queued = queue(7);
        decided(queued, "allow", Status.RUNNING);
        outcome(queued, Status.SUCCEEDED, "guard");
        unqueue(queue(60_000), "cancelled");
        approved();
        String denied = hold();
        vote(denied, "bob", false);
        close(denied, "denied");
        close(hold(), "expired");
        stopped();
        String undone = undoable();
        undo(undone, Status.FAILED);
        undo(undone, Status.SUCCEEDED);
        undo(undoable(Status.FAILED), Status.SUCCEEDED);
        add(at -> new Entry.SessionChanged(
                at, session(), "coder", Optional.empty(), "message", "host:app", commitment("ses_1/message/1")));
    }

    /// A call that was done and can be taken back.
    String undoable() {
        return undoable(Status.SUCCEEDED);
    }

    /// A call that left something and can be taken back, whatever it said of itself.
    String undoable(Status outcome) {
        String call = run();
        reversed(Reversal.of(Exactness.EXACT, ""));
        outcome(call, outcome, "guard");
        change(
                entries.size() - 1,
                Entry.Executed.class,
                entry -> new Entry.Executed(
                        entry.at(),
                        entry.call(),
                        entry.session(),
                        entry.agent(),
                        entry.tool(),
                        entry.status(),
                        entry.attested(),
                        entry.error(),
                        entry.result(),
                        Optional.of(digest("left behind"))));
        return call;
    }

    /// A call that takes another one back, and what it comes to.
    String undo(String undone, Status outcome) {
        String call = run();
        reversed(Reversal.of(new CallId(undone)));
        outcome(call, outcome, "guard");
        undone(undone, call, outcome == Status.SUCCEEDED ? Status.UNDONE : Status.UNDO_FAILED);
        return call;
    }

    void undone(String undone, String by, Status status) {
        add(at -> new Entry.Undone(at, new CallId(undone), session(), "coder", tool(), new CallId(by), status));
    }

    /// The latest decision, with what it says of taking back.
    void reversed(Reversal reversal) {
        change(
                entries.size() - 1,
                Entry.Decided.class,
                entry -> new Entry.Decided(
                        entry.at(),
                        entry.call(),
                        entry.subject(),
                        entry.tool(),
                        entry.definition(),
                        entry.judgement(),
                        entry.binding(),
                        entry.status(),
                        entry.bodies(),
                        entry.grants(),
                        entry.debits(),
                        entry.ticket(),
                        entry.leaseUntil(),
                        entry.runsAt(),
                        reversal,
                        entry.confinement()));
    }

    /// A held call that two people approve, and that runs.
    String approved() {
        String call = hold();
        vote(call, "bob", true);
        vote(call, "carol", true);
        close(call, "approved");
        decided(call, "allow", Status.RUNNING);
        outcome(call, Status.SUCCEEDED, "guard");
        return call;
    }

    /// A made-up request that shows this id.
    void canary(String call) {
        add(at -> new Entry.CanaryOpened(
                at,
                ticket(call),
                new CallId(call),
                tool(),
                "coder",
                List.of("role:approver"),
                "guard",
                at.plus(Duration.ofHours(1)),
                commitment(ticket(call) + "/arguments").stream().toList()));
    }

    void caught(String call) {
        canaryClosed(call, "caught", Optional.of("bob"));
    }

    void canaryClosed(String call, String outcome, Optional<String> by) {
        add(at -> new Entry.CanaryClosed(at, ticket(call), new CallId(call), tool(), outcome, by, Optional.empty()));
    }

    /// A stop takes a hold and a permit back; nothing begins until it is lifted.
    private void stopped() {
        String permitted = permit();
        String held = hold();
        var stop = new Entry.StopLine("stp_" + calls, "tool", tool().toString());
        add(at -> new Entry.Stopped(
                at, stop, "otto", commitment(stop.id() + "/reason").orElseThrow()));
        outcome(permitted, Status.CANCELLED, "guard");
        close(held, "cancelled");
        decided(fresh(), "deny", Status.DENIED);
        add(at -> new Entry.StopLifted(at, stop, "otto"));
        outcome(permitted, Status.SUCCEEDED, "host");
    }

    String fresh() {
        return "call_" + calls++;
    }

    String run() {
        String call = fresh();
        decided(call, "allow", Status.RUNNING);
        return call;
    }

    String permit() {
        String call = fresh();
        decided(call, "modify", Status.PERMITTED);
        return call;
    }

    /// A permit that is put off.
    String queue(long millis) {
        String call = fresh();
        putOff(call, millis);
        return call;
    }

    void putOff(String call, long millis) {
        decided(call, "allow", Status.PERMITTED);
        change(
                entries.size() - 1,
                Entry.Decided.class,
                entry -> new Entry.Decided(
                        entry.at(),
                        entry.call(),
                        entry.subject(),
                        entry.tool(),
                        entry.definition(),
                        entry.judgement(),
                        entry.binding(),
                        entry.status(),
                        entry.bodies(),
                        entry.grants(),
                        entry.debits(),
                        entry.ticket(),
                        Optional.empty(),
                        Optional.of(entry.at().plusMillis(millis))));
    }

    void unqueue(String call, String outcome) {
        add(at -> new Entry.OutboxClosed(
                at,
                new CallId(call),
                session(),
                "coder",
                tool(),
                outcome,
                outcome.equals("cancelled") ? "operator:otto" : "guard",
                outcome.equals("cancelled") ? "operator" : "late",
                outcome.equals("cancelled") ? commitment(call + "/cancelled") : Optional.empty()));
    }

    String hold() {
        String call = fresh();
        decided(call, "require_approval", Status.HELD);
        return call;
    }

    SampleLog add(java.util.function.Function<Instant, Entry> entry) {
        now = now.plusMillis(7);
        entries.add(entry.apply(now));
        return this;
    }

    /// A decision; a permit of a call that was held uses its ticket.
    void decided(String call, String effect, Status status) {
        boolean permit = status == Status.RUNNING || status == Status.PERMITTED;
        boolean held = entries.stream()
                .anyMatch(entry -> entry instanceof Entry.TicketClosed closed
                        && closed.call().value().equals(call));
        add(at -> new Entry.Decided(
                at,
                new CallId(call),
                new Entry.SubjectLine(session(), "coder", Optional.of(digest("ann")), "mcp"),
                tool(),
                digest("tool"),
                new Entry.Judgement(
                        effect,
                        Set.of("a-rule", "b-rule"),
                        Set.of("failing"),
                        Set.of("watching"),
                        status == Status.DENIED ? "policy" : "",
                        POLICY,
                        status == Status.PERMITTED ? "caller" : "guard"),
                digest(call),
                status,
                commitment(call + "/arguments").stream().toList(),
                permit && held ? List.of(ticket(call)) : List.of(),
                status == Status.HELD ? Optional.of(ticket(call)) : Optional.empty(),
                permit ? Optional.of(at.plus(Duration.ofMinutes(5))) : Optional.empty()));
    }

    void outcome(String call, Status status, String attested) {
        add(at -> new Entry.Executed(
                at,
                new CallId(call),
                session(),
                "coder",
                tool(),
                status,
                attested,
                status == Status.SUCCEEDED ? "" : "upstream-failed",
                status == Status.SUCCEEDED ? commitment(call + "/result") : Optional.empty()));
    }

    void vote(String call, String voter, boolean approve) {
        vote(call, voter, approve, Optional.empty());
    }

    /// @param scope digest of how far the voter wants it to reach
    void vote(String call, String voter, boolean approve, Optional<Sha256> scope) {
        add(at -> new Entry.Voted(
                at,
                ticket(call),
                new CallId(call),
                session(),
                voter,
                approve,
                digest(call),
                scope,
                commitment(ticket(call) + "/reason")));
    }

    static String grantOf(String call) {
        return call.replace("call_", "grt_");
    }

    /// A grant of an approved call, which counts as its first, with an amount of 100 where there is a sum.
    void grant(String call, Sha256 scope, int calls, Optional<String> sum) {
        add(at -> new Entry.Granted(
                at,
                grantOf(call),
                ticket(call),
                new CallId(call),
                session(),
                new Entry.Holder("coder", Optional.of(digest("ann"))),
                tool(),
                digest("tool"),
                new Entry.Caps(scope, true, calls, sum, at.plus(Duration.ofHours(8))),
                digest("alike"),
                List.of("a-rule"),
                1,
                sum.isPresent() ? "100" : "0",
                Optional.empty()));
    }

    /// A plan that two people approve, its permit, and grants for as many of its calls.
    String plan(int steps) {
        String call = hold();
        ofPlan();
        vote(call, "bob", true, Optional.empty());
        vote(call, "carol", true, Optional.empty());
        close(call, "approved");
        decided(call, "allow", Status.RUNNING);
        ofPlan();
        for (int step = 1; step <= steps; step++) planned(call, step);
        return call;
    }

    /// The last entry decides a plan.
    private void ofPlan() {
        change(
                entries.size() - 1,
                Entry.Decided.class,
                entry -> new Entry.Decided(
                        entry.at(),
                        entry.call(),
                        entry.subject(),
                        ToolName.PLAN,
                        entry.definition(),
                        entry.judgement(),
                        entry.binding(),
                        entry.status(),
                        entry.bodies(),
                        entry.grants(),
                        entry.debits(),
                        entry.ticket(),
                        entry.leaseUntil(),
                        entry.runsAt()));
    }

    void planned(String call, int step) {
        add(at -> new Entry.Granted(
                at,
                grantOf(call) + step,
                ticket(call),
                new CallId(call),
                session(),
                new Entry.Holder("coder", Optional.of(digest("ann"))),
                tool(),
                digest("tool"),
                new Entry.Caps(digest("planned"), true, 1, Optional.empty(), at.plus(Duration.ofHours(1))),
                digest("alike"),
                List.of("a-rule"),
                0,
                "0",
                Optional.of(step)));
    }

    /// A call that runs under a grant.
    void debited(String call, String grant, Optional<String> amount) {
        decided(call, "allow", Status.RUNNING);
        change(entries.size() - 1, Entry.Decided.class, entry -> debited(entry, grant, amount));
    }

    static Entry.Decided debited(Entry.Decided entry, String grant, Optional<String> amount) {
        return new Entry.Decided(
                entry.at(),
                entry.call(),
                entry.subject(),
                entry.tool(),
                entry.definition(),
                entry.judgement(),
                entry.binding(),
                entry.status(),
                entry.bodies(),
                List.of(grant),
                List.of(new Entry.Debit(grant, amount)),
                entry.ticket(),
                entry.leaseUntil(),
                entry.runsAt());
    }

    void close(String call, String outcome) {
        add(at -> new Entry.TicketClosed(
                at,
                ticket(call),
                new CallId(call),
                session(),
                outcome,
                List.of("a-rule"),
                2,
                outcome.equals("approved") ? Optional.of(at.plus(Duration.ofMinutes(15))) : Optional.empty()));
    }

    /// Replaces one entry.
    <E extends Entry> SampleLog change(int index, Class<E> kind, UnaryOperator<E> change) {
        entries.set(index, change.apply(kind.cast(entries.get(index))));
        return this;
    }

    /// The log as it lies somewhere, with its hashes and one head.
    HeldLog held() {
        var log = HeldLog.of(entries.stream().map(entry -> entry.line().bytes()).toList());
        return log.signed(SIGNER, log.size());
    }

    static String ticket(String call) {
        return call.replace("call_", "apr_");
    }

    static SessionId session() {
        return new SessionId("ses_1");
    }

    static ToolName tool() {
        return new ToolName("crm", "send");
    }

    static Optional<Commitment> commitment(String body) {
        return Optional.of(new Commitment(body, digest(body)));
    }

    static Sha256 digest(String of) {
        return Sha256.of(of.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    static byte[] seed(int n) {
        byte[] seed = new byte[32];
        seed[0] = (byte) n;
        return seed;
    }
}
