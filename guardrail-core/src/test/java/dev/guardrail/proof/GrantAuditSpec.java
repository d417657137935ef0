package dev.guardrail.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Entry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Standing grants in logs that somebody made up: the verifier names what no guard would have written.
class GrantAuditSpec {
    private static final Sha256 SCOPE = SampleLog.digest("scope");
    private static final String GRANT = "grt_0";

    /// A grant for five calls that add up to 1,000, of which the first was 100.
    private static SampleLog granted() {
        var log = SampleLog.started();
        String call = log.hold();
        log.vote(call, "bob", true, Optional.of(SCOPE));
        log.vote(call, "carol", true, Optional.of(SCOPE));
        log.close(call, "approved");
        log.grant(call, SCOPE, 5, Optional.of("1000"));
        return log;
    }

    private static void use(SampleLog log, String amount) {
        log.debited(log.fresh(), GRANT, Optional.of(amount));
    }

    private static void ended(SampleLog log, String agent) {
        log.add(at -> new Entry.GrantEnded(
                at, GRANT, SampleLog.session(), agent, SampleLog.tool(), "revoked", "otto", Optional.empty()));
    }

    private static Optional<String> fault(SampleLog log) throws IOException {
        return LogAudit.of(log.held()).fault().map(AuditReport.Fault::word);
    }

    private static DynamicTest wrong(String name, String word, Consumer<SampleLog> change) {
        return dynamicTest(name, () -> {
            var log = granted();
            change.accept(log);
            assertEquals(Optional.of(word), fault(log));
        });
    }

    @Test
    void within_its_caps_it_is_sound() throws IOException {
        var log = granted();
        for (String amount : List.of("400", "0", "499.5", "0.5")) use(log, amount);
        assertEquals(Optional.empty(), fault(log));
        assertEquals(4, LogAudit.of(log.held()).counts().grants());
        ended(log, "coder");
        assertEquals(Optional.empty(), fault(log));
    }

    @TestFactory
    Stream<DynamicTest> what_no_guard_would_have_written() {
        return Stream.of(
                wrong("more calls", "over-caps", log -> {
                    for (int n = 0; n < 5; n++) use(log, "1");
                }),
                wrong("more than the sum", "over-caps", log -> {
                    use(log, "900");
                    use(log, "0.00000001");
                }),
                wrong("after it was revoked", "late-use", log -> {
                    ended(log, "coder");
                    use(log, "1");
                }),
                wrong(
                        "a grant that nobody gave",
                        "no-grant",
                        log -> log.debited(log.fresh(), "grt_9", Optional.of("1"))),
                wrong("no amount", "other-debit", log -> log.debited(log.fresh(), GRANT, Optional.empty())),
                wrong("used and not debited", "no-debit", log -> {
                    use(log, "1");
                    last(log, entry -> with(entry, List.of(GRANT), List.of()));
                }),
                wrong("debited twice in one", "other-debit", log -> {
                    use(log, "1");
                    var debit = new Entry.Debit(GRANT, Optional.of("1"));
                    last(log, entry -> with(entry, List.of(GRANT), List.of(debit, debit)));
                }),
                wrong("debited and not used", "other-debit", log -> {
                    use(log, "1");
                    last(log, entry -> with(entry, List.of(), new ArrayList<>(entry.debits())));
                }),
                wrong("of another agent", "other-binding", log -> {
                    use(log, "1");
                    last(
                            log,
                            entry -> by(
                                    entry,
                                    new Entry.SubjectLine(
                                            SampleLog.session(),
                                            "clerk",
                                            entry.subject().user(),
                                            "mcp")));
                }),
                wrong("of another user", "other-binding", log -> {
                    use(log, "1");
                    last(
                            log,
                            entry -> by(
                                    entry,
                                    new Entry.SubjectLine(
                                            SampleLog.session(),
                                            "coder",
                                            Optional.of(SampleLog.digest("eve")),
                                            "mcp")));
                }),
                wrong("in another session", "other-binding", log -> {
                    use(log, "1");
                    last(
                            log,
                            entry -> by(
                                    entry,
                                    new Entry.SubjectLine(
                                            new SessionId("ses_2"),
                                            "coder",
                                            entry.subject().user(),
                                            "mcp")));
                }),
                wrong("of another tool", "other-binding", log -> {
                    use(log, "1");
                    last(log, entry -> of(entry, new ToolName("crm", "other"), entry.definition()));
                }),
                wrong("of a changed tool", "other-binding", log -> {
                    use(log, "1");
                    last(log, entry -> of(entry, entry.tool(), SampleLog.digest("changed")));
                }),
                wrong("given twice", "grant-twice", log -> log.grant("call_0", SCOPE, 5, Optional.of("1000"))),
                wrong("ended twice", "no-grant", log -> {
                    ended(log, "coder");
                    ended(log, "coder");
                }),
                wrong("ended for somebody else", "no-grant", log -> ended(log, "clerk")));
    }

    @Test
    void its_end_is_the_end() throws IOException {
        var log = granted();
        int given = log.entries.size() - 1;
        log.change(given, Entry.Granted.class, entry -> until(entry, entry.at().plusMillis(7)));
        use(log, "1");
        assertEquals(Optional.of("late-use"), fault(log));
        log.change(given, Entry.Granted.class, entry -> until(entry, entry.at().plusMillis(8)));
        assertEquals(Optional.empty(), fault(log));
    }

    @Test
    void as_many_as_are_needed_asked_for_the_same() throws IOException {
        for (Optional<Sha256> second : List.of(Optional.<Sha256>empty(), Optional.of(SampleLog.digest("other")))) {
            var log = SampleLog.started();
            String call = log.hold();
            log.vote(call, "bob", true, Optional.of(SCOPE));
            log.vote(call, "carol", true, second);
            log.close(call, "approved");
            log.grant(call, SCOPE, 5, Optional.empty());
            assertEquals(Optional.of("too-few-votes"), fault(log));
        }
    }

    @Test
    void nothing_is_given_before_it_is_approved_nor_twice_for_one_approval() throws IOException {
        var log = SampleLog.started();
        String call = log.hold();
        log.vote(call, "bob", true, Optional.of(SCOPE));
        log.grant(call, SCOPE, 5, Optional.empty());
        assertEquals(Optional.of("no-vote"), fault(log));

        var twice = granted();
        twice.grant("call_0", SCOPE, 5, Optional.of("1000"));
        twice.change(twice.entries.size() - 1, Entry.Granted.class, entry -> named(entry, "grt_1"));
        assertEquals(Optional.of("no-vote"), fault(twice));
    }

    @Test
    void the_grants_of_a_plan_follow_its_permit() throws IOException {
        var log = SampleLog.started();
        String call = log.plan(3);
        assertEquals(Optional.empty(), fault(log));
        log.debited(log.fresh(), SampleLog.grantOf(call) + 2, Optional.empty());
        assertEquals(Optional.empty(), fault(log));
        log.debited(log.fresh(), SampleLog.grantOf(call) + 2, Optional.empty());
        assertEquals(Optional.of("over-caps"), fault(log), "each is for one call");
    }

    @TestFactory
    Stream<DynamicTest> plans_that_no_guard_would_have_written() {
        return Stream.of(
                plan("without a permit", log -> {
                    String call = log.hold();
                    log.vote(call, "bob", true, Optional.empty());
                    log.vote(call, "carol", true, Optional.empty());
                    log.close(call, "approved");
                    log.planned(call, 1);
                }),
                plan("after something else", log -> {
                    String call = log.plan(2);
                    log.decided(log.fresh(), "allow", dev.guardrail.journal.Status.RUNNING);
                    log.planned(call, 3);
                }),
                plan("out of order", log -> log.planned(log.plan(2), 4)),
                plan("for another plan", log -> {
                    String other = log.plan(1);
                    log.plan(1);
                    log.planned(other, 2);
                }),
                plan("of a permit that is no plan's", log -> {
                    String call = log.fresh();
                    log.decided(call, "allow", dev.guardrail.journal.Status.RUNNING);
                    log.planned(call, 1);
                }),
                plan("used already", log -> {
                    log.plan(1);
                    log.change(log.entries.size() - 1, Entry.Granted.class, entry -> spent(entry, 1));
                }));
    }

    private static DynamicTest plan(String name, Consumer<SampleLog> change) {
        return dynamicTest(name, () -> {
            var log = SampleLog.started();
            change.accept(log);
            assertEquals(Optional.of("no-plan"), fault(log));
        });
    }

    private static Entry.Granted spent(Entry.Granted entry, int used) {
        return new Entry.Granted(
                entry.at(),
                entry.grant(),
                entry.ticket(),
                entry.call(),
                entry.session(),
                entry.holder(),
                entry.tool(),
                entry.definition(),
                entry.caps(),
                entry.binding(),
                entry.rules(),
                used,
                entry.spent(),
                entry.step());
    }

    private static void last(SampleLog log, java.util.function.UnaryOperator<Entry.Decided> change) {
        log.change(log.entries.size() - 1, Entry.Decided.class, change);
    }

    private static Entry.Decided with(Entry.Decided entry, List<String> grants, List<Entry.Debit> debits) {
        return decided(entry, entry.subject(), entry.tool(), entry.definition(), grants, debits);
    }

    private static Entry.Decided by(Entry.Decided entry, Entry.SubjectLine subject) {
        return decided(
                entry,
                subject,
                entry.tool(),
                entry.definition(),
                List.copyOf(entry.grants()),
                List.copyOf(entry.debits()));
    }

    private static Entry.Decided of(Entry.Decided entry, ToolName tool, Sha256 definition) {
        return decided(
                entry, entry.subject(), tool, definition, List.copyOf(entry.grants()), List.copyOf(entry.debits()));
    }

    private static Entry.Decided decided(
            Entry.Decided entry,
            Entry.SubjectLine subject,
            ToolName tool,
            Sha256 definition,
            List<String> grants,
            List<Entry.Debit> debits) {
        return new Entry.Decided(
                entry.at(),
                entry.call(),
                subject,
                tool,
                definition,
                entry.judgement(),
                entry.binding(),
                entry.status(),
                entry.bodies(),
                grants,
                debits,
                entry.ticket(),
                entry.leaseUntil(),
                entry.runsAt());
    }

    private static Entry.Granted until(Entry.Granted entry, Instant end) {
        var caps = entry.caps();
        return granted(
                entry,
                entry.grant(),
                new Entry.Caps(caps.scope(), caps.withinSession(), caps.calls(), caps.sum(), end));
    }

    private static Entry.Granted named(Entry.Granted entry, String id) {
        return granted(entry, id, entry.caps());
    }

    private static Entry.Granted granted(Entry.Granted entry, String id, Entry.Caps caps) {
        return new Entry.Granted(
                entry.at(),
                id,
                entry.ticket(),
                entry.call(),
                entry.session(),
                entry.holder(),
                entry.tool(),
                entry.definition(),
                caps,
                entry.binding(),
                entry.rules(),
                entry.used(),
                entry.spent(),
                entry.step());
    }
}
