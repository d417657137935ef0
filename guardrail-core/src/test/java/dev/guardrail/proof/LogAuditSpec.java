package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Exactness;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Reversal;
import dev.guardrail.journal.Status;
import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LogAuditSpec {

    @Test
    void a_sound_log_is_counted() throws IOException {
        var log = SampleLog.full(3);

        var report = LogAudit.of(log.held());

        assertEquals(Optional.empty(), report.fault());
        var counts = report.counts();
        assertEquals(log.entries.size(), counts.entries());
        assertEquals(log.entries.size(), counts.signed());
        assertEquals(
                List.of(60L, 66L, 39L, 48L),
                List.of(counts.calls(), counts.decisions(), counts.runs(), counts.outcomes()));
        assertEquals(
                List.of(12L, 9L, 3L, 0L), List.of(counts.tickets(), counts.votes(), counts.grants(), counts.open()));
        assertEquals(Optional.of(SampleLog.ORIGIN), report.origin());
        assertEquals(List.of(SampleLog.SIGNER.verifier().vkey()), report.vkeys());
    }

    @Test
    void an_empty_log_is_sound() throws IOException {
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(List.of())).fault());
    }

    /// Logs that break one rule and are signed all the same: what a faulty guard would write.
    @TestFactory
    Stream<DynamicTest> a_rule_of_the_log_is_not_broken_unnoticed() {
        Map<String, Consumer<SampleLog>> broken = new LinkedHashMap<>();
        broken.put("no-intent", log -> log.outcome(log.fresh(), Status.SUCCEEDED, "guard"));
        broken.put("second-outcome", log -> {
            String call = log.run();
            log.outcome(call, Status.SUCCEEDED, "guard");
            log.outcome(call, Status.SUCCEEDED, "guard");
        });
        broken.put("second-permit", log -> {
            String call = log.permit();
            log.decided(call, "allow", Status.PERMITTED);
        });
        broken.put("call-over", log -> {
            String call = log.run();
            log.outcome(call, Status.SUCCEEDED, "guard");
            log.decided(call, "allow", Status.RUNNING);
        });
        broken.put("call-over while it runs", log -> log.decided(log.run(), "allow", Status.RUNNING));
        broken.put("no-such-step", log -> log.outcome(log.run(), Status.EXPIRED, "guard"));
        broken.put("not-theirs", log -> log.outcome(log.run(), Status.SUCCEEDED, "agent"));
        broken.put("not-theirs while it runs", log -> log.outcome(log.run(), Status.SUCCEEDED, "probe"));
        broken.put("no-intent for one that is held", log -> log.outcome(log.hold(), Status.SUCCEEDED, "guard"));
        broken.put("no-grant", log -> log.decided(log.hold(), "allow", Status.RUNNING));
        broken.put("not-approved", log -> permitWith(log, log.hold(), digest -> digest));
        broken.put("other-binding", log -> {
            String call = approvedHold(log);
            permitWith(log, call, digest -> SampleLog.digest("other"));
        });
        broken.put("not-undoable where nothing was prepared", log -> {
            String call = log.run();
            log.outcome(call, Status.SUCCEEDED, "guard");
            log.run();
            log.reversed(Reversal.of(new CallId(call)));
        });
        broken.put("not-undoable where it failed and left nothing", log -> {
            String call = log.run();
            log.reversed(Reversal.of(Exactness.EXACT, ""));
            log.outcome(call, Status.FAILED, "guard");
            log.run();
            log.reversed(Reversal.of(new CallId(call)));
        });
        broken.put("not-undoable a second time", log -> {
            String call = log.undoable();
            log.undo(call, Status.SUCCEEDED);
            log.run();
            log.reversed(Reversal.of(new CallId(call)));
        });
        broken.put("second-undo", log -> {
            String call = log.undoable();
            for (int i = 0; i < 2; i++) {
                log.run();
                log.reversed(Reversal.of(new CallId(call)));
            }
        });
        broken.put("second-undo while one is in doubt", log -> {
            String call = log.undoable();
            String doubtful = log.run();
            log.reversed(Reversal.of(new CallId(call)));
            log.outcome(doubtful, Status.IN_DOUBT, "guard");
            log.run();
            log.reversed(Reversal.of(new CallId(call)));
        });
        broken.put("no-undo", log -> log.undone(log.undoable(), "call_0", Status.UNDONE));
        broken.put("no-undo of that outcome", log -> {
            String call = log.undoable();
            String by = log.run();
            log.reversed(Reversal.of(new CallId(call)));
            log.outcome(by, Status.FAILED, "guard");
            log.undone(call, by, Status.UNDONE);
        });
        broken.put("undo-untold", log -> {
            String call = log.undoable();
            String by = log.run();
            log.reversed(Reversal.of(new CallId(call)));
            log.outcome(by, Status.SUCCEEDED, "guard");
            log.run();
        });
        broken.put("stopped", log -> {
            stop(log, "all", "");
            log.run();
        });
        broken.put("stopped agent", log -> {
            stop(log, "agent", "coder");
            log.permit();
        });
        broken.put("stopped session", log -> {
            stop(log, "session", SampleLog.session().value());
            log.hold();
        });
        broken.put("stopped server", log -> {
            stop(log, "server", "crm");
            log.run();
        });
        broken.put("stopped by one of two", log -> {
            stop(log, "tool", "crm.send");
            lift(log, stop(log, "tool", "crm.other"));
            log.run();
        });
        broken.put("stop-twice", log -> {
            Entry.StopLine stop = stop(log, "agent", "other");
            log.add(at -> new Entry.Stopped(at, stop, "otto", reason()));
        });
        broken.put("stop-twice after it was lifted", log -> {
            Entry.StopLine stop = stop(log, "agent", "other");
            lift(log, stop);
            log.add(at -> new Entry.Stopped(at, stop, "otto", reason()));
        });
        broken.put("no-stop", log -> {
            Entry.StopLine stop = stop(log, "agent", "other");
            lift(log, stop);
            lift(log, stop);
        });
        broken.put("stop-changed", log -> {
            Entry.StopLine stop = stop(log, "agent", "other");
            lift(log, new Entry.StopLine(stop.id(), "all", ""));
        });
        broken.put("contradicts-itself in a stop", log -> stop(log, "agent", ""));
        broken.put("no-such-step back from a run", log -> log.outcome(log.run(), Status.CANCELLED, "guard"));
        broken.put("not-theirs to take back", log -> log.outcome(log.permit(), Status.CANCELLED, "agent"));
        broken.put("second-use", log -> {
            String used = log.approved();
            String other = log.hold();
            grant(log, other, SampleLog.ticket(used), SampleLog.digest(other));
        });
        broken.put("late-use", log -> {
            String call = approvedHold(log);
            int closed = log.entries.size() - 1;
            log.change(
                    closed,
                    Entry.TicketClosed.class,
                    entry -> closed(entry, entry.required(), entry.at().plusMillis(3)));
            log.decided(call, "allow", Status.RUNNING);
        });
        broken.put("too-few-votes", log -> {
            String call = log.hold();
            log.vote(call, "bob", true);
            log.vote(call, "bob", true);
            log.close(call, "approved");
        });
        broken.put("no-vote", log -> log.close(log.hold(), "denied"));
        broken.put("no-vote against a denial", log -> {
            String call = log.hold();
            log.vote(call, "bob", false);
            log.close(call, "approved");
        });
        broken.put("no-ticket", log -> log.vote(log.run(), "bob", true));
        broken.put("no-ticket twice closed", log -> {
            String call = log.hold();
            log.close(call, "expired");
            log.close(call, "expired");
        });
        broken.put("call-over after its ticket", log -> {
            String call = log.hold();
            log.close(call, "expired");
            log.decided(call, "allow", Status.RUNNING);
        });
        broken.put("unknown-policy", log -> {
            log.run();
            log.change(log.entries.size() - 1, Entry.Decided.class, entry -> under(entry, SampleLog.digest("other")));
        });
        broken.put("session-over", log -> {
            session(log, "ended");
            log.run();
        });
        broken.put("session-over by a pause", log -> {
            session(log, "paused");
            log.run();
        });
        broken.put("session-over and back", log -> {
            session(log, "ended");
            session(log, "resumed");
        });
        broken.put("too-early", log -> log.decided(log.queue(8), "allow", Status.RUNNING));
        broken.put("too-early for its caller", log -> log.decided(log.queue(8), "allow", Status.PERMITTED));
        broken.put("call-over after it was taken back", log -> {
            String call = log.queue(7);
            log.unqueue(call, "cancelled");
            log.decided(call, "allow", Status.RUNNING);
        });
        broken.put("call-over while a queued call runs", log -> {
            String call = log.queue(7);
            log.decided(call, "allow", Status.RUNNING);
            log.decided(call, "allow", Status.RUNNING);
        });
        broken.put("second-permit without a later time", log -> log.putOff(log.queue(8), 1));
        broken.put("no-intent for one that is queued", log -> log.outcome(log.queue(7), Status.SUCCEEDED, "agent"));
        broken.put("not-queued", log -> log.unqueue(log.permit(), "cancelled"));
        broken.put("not-queued twice", log -> {
            String call = log.queue(7);
            log.unqueue(call, "expired");
            log.unqueue(call, "expired");
        });
        broken.put("not-queued any more", log -> {
            String call = log.queue(7);
            log.decided(call, "allow", Status.RUNNING);
            log.unqueue(call, "cancelled");
        });
        broken.put(
                "other-binding of a queued call",
                log -> permitWith(log, log.queue(7), own -> SampleLog.digest("other")));
        broken.put("contradicts-itself in a time that is over", log -> log.queue(0));
        broken.put("contradicts-itself", log -> log.decided(log.fresh(), "deny", Status.RUNNING));
        broken.put(
                "contradicts-itself in a hold that nobody can be asked about",
                log -> log.decided(log.fresh(), "require_approval", Status.DENIED));
        broken.put(
                "not-appointed",
                log -> log.add(
                        at -> new Entry.KeyRotated(at, SampleLog.NEXT.verifier().vkey(), Optional.empty())));
        broken.put("not-appointed but by itself", log -> rotate(log, SampleLog.NEXT, SampleLog.NEXT));
        broken.put("other-origin", log -> {
            var other = Ed25519Signer.of("example.com/other", SampleLog.seed(5));
            rotate(log, other, SampleLog.SIGNER);
        });
        broken.put("same-origin", log -> {
            gap(log, 0);
            log.run();
        });
        broken.put("wrong-gap", log -> gap(log, 1));
        broken.put("canary-used by a permit", log -> {
            log.canary("call_77");
            log.decided("call_77", "allow", Status.RUNNING);
        });
        broken.put("canary-used by a hold", log -> {
            log.canary("call_77");
            log.decided("call_77", "require_approval", Status.HELD);
        });
        broken.put("canary-used by an outcome", log -> {
            log.canary("call_77");
            log.caught("call_77");
            log.outcome("call_77", Status.SUCCEEDED, "guard");
        });
        broken.put("canary-used by a vote", log -> {
            log.canary("call_77");
            log.vote("call_77", "bob", true);
        });
        broken.put("no-ticket as a canary's approval is used", log -> {
            log.canary("call_77");
            grant(log, log.hold(), SampleLog.ticket("call_77"), SampleLog.digest("call_77"));
        });
        broken.put("canary-twice", log -> {
            log.canary("call_77");
            log.canary("call_77");
        });
        broken.put("canary-twice as of a call", log -> log.canary(log.run()));
        broken.put("no-canary", log -> log.caught("call_77"));
        broken.put("no-canary twice", log -> {
            log.canary("call_77");
            log.caught("call_77");
            log.caught("call_77");
        });
        broken.put("contradicts-itself in a canary", log -> {
            log.canary("call_77");
            log.canaryClosed("call_77", "silent", Optional.of("bob"));
        });
        return broken.entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
                    var log = SampleLog.full(1);
                    rule.getValue().accept(log);
                    var fault = LogAudit.of(log.held()).fault().orElseThrow();
                    assertEquals(rule.getKey().split(" ")[0], fault.word(), fault.sentence());
                    assertEquals(log.entries.size() - 1, fault.seq(), fault.sentence());
                }));
    }

    @Test
    void what_is_like_a_broken_rule_and_is_none_passes() throws IOException {
        var log = SampleLog.full(1);
        log.canary("call_77");
        log.run();
        log.caught("call_77");
        log.canary("call_78");
        log.canaryClosed("call_78", "silent", Optional.empty());
        String permitted = log.permit();
        log.decided(permitted, "allow", Status.RUNNING);
        log.outcome(permitted, Status.SUCCEEDED, "guard");
        String again = log.permit();
        log.decided(again, "deny", Status.DENIED);
        session(log, "paused");
        log.decided(log.fresh(), "deny", Status.DENIED);
        session(log, "resumed");
        log.run();
        String queued = log.queue(8);
        log.putOff(queued, 7);
        log.decided(queued, "allow", Status.PERMITTED);
        log.outcome(queued, Status.EXPIRED, "guard");
        log.decided(log.queue(99), "deny", Status.DENIED);
        log.unqueue(log.queue(99), "expired");
        String held = log.hold();
        log.add(at -> new Entry.PackActivated(at, SampleLog.digest("new"), 1));
        log.decided(held, "allow", Status.RUNNING);
        log.change(log.entries.size() - 1, Entry.Decided.class, entry -> under(entry, SampleLog.digest("new")));
        String unused = approvedHold(log);
        log.close(unused, "expired");
        String refused = approvedHold(log);
        log.decided(refused, "deny", Status.DENIED);
        log.close(refused, "expired");

        assertEquals(Optional.empty(), LogAudit.of(log.held()).fault());
    }

    @Test
    void a_key_that_the_one_before_appointed_signs_on() throws IOException {
        var log = SampleLog.full(1);
        int before = log.entries.size();
        rotate(log, SampleLog.NEXT, SampleLog.SIGNER);
        log.run();
        var held = HeldLog.of(
                log.entries.stream().map(entry -> entry.line().bytes()).toList());
        held.signed(SampleLog.SIGNER, before);
        held.signed(SampleLog.NEXT, held.size());

        assertEquals(Optional.empty(), LogAudit.of(held).fault());
        for (var pinned : List.of(SampleLog.SIGNER, SampleLog.NEXT))
            assertEquals(Optional.empty(), audit(held, pinned).fault());
        assertEquals(
                Optional.of("unsigned"),
                audit(held, Ed25519Signer.of(SampleLog.ORIGIN, SampleLog.seed(9)))
                        .fault()
                        .map(AuditReport.Fault::word));
        held.signed(SampleLog.SIGNER, held.size());
        assertEquals(Optional.of("bad-signature"), LogAudit.of(held).fault().map(AuditReport.Fault::word));
    }

    @Test
    void a_log_that_lost_entries_goes_on_where_somebody_said_so() throws IOException {
        var heir = Ed25519Signer.of("example.com/sample-2", SampleLog.seed(4));
        var log = SampleLog.full(1);
        gap(log, 0);
        rotate(log, heir, SampleLog.SIGNER);
        log.run();
        var held = HeldLog.of(
                log.entries.stream().map(entry -> entry.line().bytes()).toList());
        held.signed(heir, held.size());

        var report = LogAudit.of(held);

        assertEquals(Optional.empty(), report.fault());
        assertEquals(Optional.of("example.com/sample-2"), report.origin());
        assertTrue(report.notes().stream().anyMatch(note -> note.word().equals("gap")));
        assertEquals(Optional.empty(), audit(held, SampleLog.SIGNER).fault());
        // without the old key's word, whoever trusts only the old key is told
        int key = log.entries.size() - 2;
        log.change(
                key, Entry.KeyRotated.class, entry -> new Entry.KeyRotated(entry.at(), entry.vkey(), Optional.empty()));
        var orphan = HeldLog.of(
                log.entries.stream().map(entry -> entry.line().bytes()).toList());
        orphan.signed(heir, orphan.size());
        assertEquals(Optional.empty(), LogAudit.of(orphan).fault());
        assertEquals(Optional.empty(), audit(orphan, heir).fault());
        assertEquals(
                Optional.of("unsigned"), audit(orphan, SampleLog.SIGNER).fault().map(AuditReport.Fault::word));
    }

    @Test
    void a_pinned_key_needs_a_head() throws IOException {
        var held = SampleLog.full(1).held();
        assertEquals(Optional.empty(), audit(held, SampleLog.SIGNER).fault());
        held.heads.clear();
        assertEquals(
                Optional.of("unsigned"), audit(held, SampleLog.SIGNER).fault().map(AuditReport.Fault::word));
        assertEquals(Optional.empty(), LogAudit.of(held).fault());
    }

    @Test
    void a_clock_set_back_is_noted_and_no_fault() throws IOException {
        var log = SampleLog.full(1);
        log.add(at -> new Entry.PackActivated(at.minus(Duration.ofHours(1)), SampleLog.POLICY, 1));

        var report = LogAudit.of(log.held());

        assertEquals(Optional.empty(), report.fault());
        assertEquals(
                List.of("clock", "no-pin"),
                report.notes().stream().map(AuditReport.Note::word).toList(),
                () -> report.notes().toString());
    }

    @Test
    void what_is_kept_beside_the_log_is_compared_with_it() throws IOException {
        var log = SampleLog.full(1);
        String running = log.run();
        var kept = new Kept(log);
        assertEquals(Optional.empty(), audit(log, kept).fault());
        assertTrue(audit(log, kept).counts().bodies() > 5);

        var other = new Kept(log);
        other.status.put("call_0", "failed");
        assertEquals(Optional.of("other-status"), audit(log, other).fault().map(AuditReport.Fault::word));
        other = new Kept(log);
        other.status.put(running, "succeeded");
        assertEquals(Optional.of("other-status"), audit(log, other).fault().map(AuditReport.Fault::word));
        other = new Kept(log);
        other.status.remove("call_3");
        assertEquals(Optional.of("other-status"), audit(log, other).fault().map(AuditReport.Fault::word));
        other = new Kept(log);
        other.status.put("call_extra", "denied");
        assertEquals(Optional.of("other-calls"), audit(log, other).fault().map(AuditReport.Fault::word));
        other = new Kept(log);
        other.altered = "call_0/arguments";
        assertEquals(Optional.of("other-body"), audit(log, other).fault().map(AuditReport.Fault::word));
        other = new Kept(log);
        other.erased = "call_0/arguments";
        assertEquals(1, audit(log, other).counts().erased());
        assertTrue(audit(log, other).isSound());
    }

    @Test
    void a_source_that_cannot_be_read_is_no_fault_of_the_log() {
        var held = SampleLog.full(30).held();
        held.tiles.add(1, List.of());
        var unreadable = new Unreadable(held);

        assertThrows(IOException.class, () -> LogAudit.of(unreadable));
    }

    private static AuditReport audit(HeldLog log, Signer pinned) throws IOException {
        return LogAudit.of(log, List.of(pinned.verifier()), Optional.empty(), read -> {});
    }

    private static AuditReport audit(SampleLog log, Projections kept) throws IOException {
        return LogAudit.of(log.held(), List.of(), Optional.of(kept), read -> {});
    }

    /// What a stop does not reach goes on, and what it did goes on once it is lifted.
    @Test
    void what_is_not_stopped_or_not_any_more_is_sound() throws IOException {
        var log = SampleLog.full(1);
        stop(log, "agent", "other");
        stop(log, "tool", "crm.sendx");
        stop(log, "server", "cr");
        stop(log, "session", "ses_10");
        var lifted = stop(log, "all", "");
        log.decided(log.fresh(), "deny", Status.DENIED);
        lift(log, lifted);
        log.run();

        assertEquals(Optional.empty(), LogAudit.of(log.held()).fault());
    }

    private static Entry.StopLine stop(SampleLog log, String scope, String subject) {
        var stop = new Entry.StopLine("stp_x" + log.entries.size(), scope, subject);
        log.add(at -> new Entry.Stopped(at, stop, "otto", reason()));
        return stop;
    }

    private static void lift(SampleLog log, Entry.StopLine stop) {
        log.add(at -> new Entry.StopLifted(at, stop, "otto"));
    }

    private static Commitment reason() {
        return SampleLog.commitment("reason").orElseThrow();
    }

    private static String approvedHold(SampleLog log) {
        String call = log.hold();
        log.vote(call, "bob", true);
        log.vote(call, "carol", true);
        log.close(call, "approved");
        return call;
    }

    private static void session(SampleLog log, String change) {
        log.add(at -> new Entry.SessionChanged(
                at, SampleLog.session(), "coder", Optional.empty(), change, "otto", Optional.empty()));
    }

    private static void rotate(SampleLog log, Signer next, Signer before) {
        byte[] appointment = Appointment.of(next.verifier()).sign(before).bytes();
        log.add(at -> new Entry.KeyRotated(at, next.verifier().vkey(), Optional.of(new String(appointment, UTF_8))));
    }

    private static void gap(SampleLog log, int off) {
        long from = log.entries.size() + off;
        log.add(at -> new Entry.GapAcknowledged(
                at, from, from + 9, "otto", SampleLog.commitment("gap").orElseThrow(), Optional.empty()));
    }

    private static void permitWith(SampleLog log, String call, java.util.function.UnaryOperator<Sha256> binding) {
        grant(log, call, SampleLog.ticket(call), binding.apply(SampleLog.digest(call)));
    }

    private static void grant(SampleLog log, String call, String ticket, Sha256 binding) {
        log.decided(call, "allow", Status.RUNNING);
        log.change(
                log.entries.size() - 1,
                Entry.Decided.class,
                entry -> new Entry.Decided(
                        entry.at(),
                        new CallId(call),
                        entry.subject(),
                        entry.tool(),
                        entry.definition(),
                        entry.judgement(),
                        binding,
                        entry.status(),
                        entry.bodies(),
                        List.of(ticket),
                        entry.ticket(),
                        entry.leaseUntil()));
    }

    private static Entry.Decided under(Entry.Decided entry, Sha256 policy) {
        var judged = entry.judgement();
        return new Entry.Decided(
                entry.at(),
                entry.call(),
                entry.subject(),
                entry.tool(),
                entry.definition(),
                new Entry.Judgement(
                        judged.effect(),
                        judged.rules(),
                        judged.failed(),
                        judged.shadow(),
                        judged.cause(),
                        policy,
                        judged.run()),
                entry.binding(),
                entry.status(),
                entry.bodies(),
                entry.grants(),
                entry.ticket(),
                entry.leaseUntil());
    }

    private static Entry.TicketClosed closed(Entry.TicketClosed entry, int required, Instant until) {
        return new Entry.TicketClosed(
                entry.at(),
                entry.ticket(),
                entry.call(),
                entry.session(),
                entry.outcome(),
                entry.rules(),
                required,
                Optional.of(until));
    }

    /// What a sound guard keeps beside a log.
    private static final class Kept implements Projections {
        private final Map<String, String> status = new LinkedHashMap<>();
        private String altered = "";
        private String erased = "";

        Kept(SampleLog log) {
            for (Entry entry : log.entries) {
                switch (entry) {
                    case Entry.Decided decided ->
                        status.put(decided.call().value(), decided.status().text());
                    case Entry.Executed executed ->
                        status.put(executed.call().value(), executed.status().text());
                    case Entry.Undone undone ->
                        status.put(undone.call().value(), undone.status().text());
                    case Entry.OutboxClosed closed -> status.put(closed.call().value(), closed.outcome());
                    case Entry.TicketClosed closed -> {
                        if (!closed.outcome().equals("approved"))
                            status.put(closed.call().value(), closed.outcome());
                    }
                    default -> {}
                }
            }
        }

        @Override
        public long calls() {
            return status.size();
        }

        @Override
        public Optional<String> status(String call) {
            return Optional.ofNullable(status.get(call));
        }

        @Override
        public Body body(String id) {
            if (id.equals(erased)) return new Body.Erased();
            return new Body.Kept(SampleLog.digest(id.equals(altered) ? "altered" : id));
        }
    }

    /// A source whose upper hashes cannot be read.
    private record Unreadable(HeldLog held) implements LogSource {
        @Override
        public long size() {
            return held.size();
        }

        @Override
        public List<byte[]> entries(long from, long to) {
            return new ArrayList<>(held.entries(from, to));
        }

        @Override
        public int levels() {
            return 2;
        }

        @Override
        public HashSource hashes() {
            return (level, from, to) -> {
                if (level > 0) throw new IOException("the disk is gone");
                return held.hashes().read(level, from, to);
            };
        }

        @Override
        public List<byte[]> heads() {
            return held.heads();
        }
    }
}
