package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Draft;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Reach;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The machine of grants: every step of its table is taken here, and no other there is.
class GrantStateSpec {
    private final Desk desk = new Desk();

    /// The desk's usual hold, which may be remembered for a day.
    static Quorum remembered(int required) {
        var usual = Quorum.DEFAULT;
        return new Quorum(
                usual.approvers(),
                required,
                false,
                true,
                usual.expiresAfter(),
                usual.validFor(),
                Optional.empty(),
                Optional.of(Duration.ofHours(24)));
    }

    private GrantRecord granted(String call, int calls) {
        var rule = dev.guardrail.testing.RuleDraft.hold("hold")
                .on("*.*")
                .quorum(remembered(1))
                .rule();
        var ticket = desk.held(call, rule);
        var request = Desk.request(call);
        var scope = new Scope(Reach.REPEATS, Duration.ofHours(8), calls);
        var result = desk.desk.approve(
                desk.operators.get("bob"),
                ticket.id(),
                request.argumentsDigest(),
                "",
                Optional.empty(),
                new ScopedCall(scope, request));
        assertInstanceOf(VoteResult.Closed.class, result);
        return desk.desk.grants().of(desk.ticket(ticket)).orElseThrow();
    }

    private GrantState state(GrantRecord grant) {
        return desk.desk.grants().find(grant.id()).orElseThrow().state();
    }

    @Test
    void every_step_of_the_table_is_taken() throws Exception {
        Map<GrantState, Set<GrantState.Event>> taken = new EnumMap<>(GrantState.class);
        taken.put(GrantState.ACTIVE, EnumSet.noneOf(GrantState.Event.class));

        var spent = granted("call_1", 2);
        assertEquals(GrantState.ACTIVE, state(spent));
        var draft = new Draft();
        desk.desk.grants().debit(draft, spent.id(), Desk.request("call_1"));
        desk.commit(draft);
        assertEquals(GrantState.SPENT, state(spent));
        taken.get(GrantState.ACTIVE).add(GrantState.Event.SPEND);

        var revoked = granted("call_2", 5);
        desk.desk.grants().revoke(revoked.id(), "carol", "too wide");
        assertEquals(GrantState.REVOKED, state(revoked));
        taken.get(GrantState.ACTIVE).add(GrantState.Event.REVOKE);

        var expired = granted("call_3", 5);
        desk.pass(Duration.ofHours(8));
        desk.desk.expireDue();
        assertEquals(GrantState.EXPIRED, state(expired));
        taken.get(GrantState.ACTIVE).add(GrantState.Event.EXPIRE);

        taken.forEach((from, events) -> assertEquals(GrantState.TABLE.get(from).keySet(), events));
        assertEquals(taken.keySet(), GrantState.TABLE.keySet());
    }

    @Test
    void what_is_over_stays_as_it_ended() {
        var grant = granted("call_1", 5);
        desk.desk.grants().revoke(grant.id(), "carol", "too wide");
        var after = desk.desk.grants().revoke(grant.id(), "dave", "again").orElseThrow();
        assertEquals("carol", after.ending().orElseThrow().by());
        assertEquals(Optional.of("too wide"), desk.desk.grants().reason(after));
        assertEquals(1, desk.entries("grant_ended").size());
        assertEquals(Optional.empty(), desk.desk.grants().revoke("grt_none", "dave", ""));
    }

    @Test
    void a_document_gives_back_what_was_written() {
        var grant = granted("call_1", 5);
        assertEquals(grant, GrantRecord.of(grant.json()));
        desk.desk.grants().revoke(grant.id(), "carol", "too wide");
        var ended = desk.desk.grants().find(grant.id()).orElseThrow();
        assertEquals(ended, GrantRecord.of((JsonObject) dev.guardrail.base.StrictJson.parse(
                ended.json().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))));
        assertEquals(false, desk.disk().contains("75000"), "what calls have in common lies blinded");
    }
}
