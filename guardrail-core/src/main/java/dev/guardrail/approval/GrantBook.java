package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Grant;
import dev.guardrail.policy.StandingGrant;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The standing grants as they lie in the journal: given with the vote that completes a quorum, debited with each
/// intent to run, ended by their caps, by time or by a person. Safe for concurrent use.
public final class GrantBook {
    /// What an id of a standing grant begins with.
    public static final String PREFIX = "grt_";

    private static final int PAGE = 100;

    private final Journal journal;
    private final Deadlines<TicketState> deadlines;
    private final Giving giving;
    private final Remaining remaining;

    GrantBook(Journal journal, IdSource ids, Deadlines<TicketState> deadlines) {
        this.journal = journal;
        this.deadlines = deadlines;
        this.giving = new Giving(journal, ids, deadlines);
        this.remaining = new Remaining(journal, deadlines);
    }

    private record Page(GrantRecord grant, long version) {}

    /// Adds a grant to the draft of the vote that completes the quorum. The approved call counts as its first.
    ///
    /// @param ticket as approved
    void give(Draft draft, Ticket ticket, ScopedCall wanted) {
        giving.further(draft, ticket, wanted);
    }

    /// Adds the grants of a plan to the batch of the permit that uses its approval: a crash leaves all of them and a
    /// plan that cannot be run again, or none.
    ///
    /// @param calls those of the plan that are held
    public void plan(Draft draft, Ticket ticket, List<PlannedCall> calls) {
        giving.planned(draft, ticket, calls);
    }

    public Optional<GrantRecord> find(String id) {
        return read(id).map(Page::grant);
    }

    /// The grant that a ticket's approval led to; of a plan the first.
    public Optional<GrantRecord> of(Ticket ticket) {
        return of(ticket.session(), ticket.id()).stream().findFirst();
    }

    /// The grants that a ticket's approval led to: one, or those of a plan in their order.
    public List<GrantRecord> of(SessionId session, String ticket) {
        return given(session, grant -> grant.ticket().equals(ticket))
                .map(Page::grant)
                .toList();
    }

    /// Of a session's grants those that are meant, in the order of their plan.
    private Stream<Page> given(SessionId session, Predicate<GrantRecord> meant) {
        return all(new Document.Tags(session.value(), null, null)).stream()
                .filter(page -> meant.test(page.grant()))
                .sorted(Comparator.comparing(page -> page.grant().step().orElse(0)));
    }

    /// In order of id, which is that of giving.
    ///
    /// @param after only ids beyond this one; empty for all
    public List<GrantRecord> list(Optional<GrantState> state, String after, int limit) {
        var filter = new Document.Tags(null, state.map(GrantState::text).orElse(null), null);
        return pages(filter, after, limit).stream().map(Page::grant).toList();
    }

    /// The grants that a plan's run gave, in their order.
    public List<GrantRecord> of(CallId plan) {
        return journal.get(Kind.CALL, plan.value()).stream()
                .map(document -> CallRecord.of(document.value()).session())
                .flatMap(session -> given(
                        session,
                        grant -> grant.call().equals(plan) && grant.step().isPresent()))
                .map(Page::grant)
                .toList();
    }

    private List<Page> all(Document.Tags tags) {
        var all = new ArrayList<Page>();
        var page = pages(tags, "", PAGE);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = page.size() < PAGE
                    ? List.of()
                    : pages(tags, page.getLast().grant().id(), PAGE);
        }
        return all;
    }

    /// What standing grants give this call now: inputs to a fresh decision.
    ///
    /// @param session that the call is made in
    public List<Grant> fitting(DecisionRequest request, SessionId session) {
        var grants = new ArrayList<Grant>();
        String holder = giving.holder(request.subject()).toString();
        for (Page page : all(new Document.Tags(null, GrantState.ACTIVE.text(), holder))) {
            GrantRecord grant = page.grant();
            if (isOver(grant)) continue;
            Instant lapses = request.context().time().plusNanos(left(grant));
            answer(grant, request, session, lapses).ifPresent(grants::add);
        }
        return grants;
    }

    private Optional<Grant> answer(GrantRecord grant, DecisionRequest request, SessionId session, Instant lapses) {
        var reach = grant.scope().reach();
        Optional<BigDecimal> amount = reach.amount(request.action().arguments());
        boolean fits = grant.tool().equals(request.action().tool())
                && amount.filter(grant::hasRoomFor).isPresent()
                && isBound(grant, request, session);
        return fits ? Optional.of(standing(grant, request, session, grant.left(), lapses)) : Optional.empty();
    }

    private boolean isBound(GrantRecord grant, DecisionRequest request, SessionId session) {
        return journal.blind(grant.scope().reach().binding(request, session)).equals(grant.binding());
    }

    private static Grant standing(
            GrantRecord grant, DecisionRequest request, SessionId session, Optional<BigDecimal> left, Instant lapses) {
        var reach = grant.scope().reach();
        var answers = grant.rules().stream().map(GrantRecord.Answered::digest).collect(Collectors.toUnmodifiableSet());
        return new StandingGrant(grant.id(), reach, reach.binding(request, session), answers, left, lapses);
    }

    /// What the grants that were debited to permit this call still answer while the permit's lease runs. One that was
    /// revoked meanwhile answers nothing.
    public List<Grant> used(DecisionRequest request, SessionId session, Instant leaseUntil) {
        return debited(request.call()).stream()
                .flatMap(id -> find(id).stream())
                .filter(grant -> grant.state() != GrantState.REVOKED && isBound(grant, request, session))
                .map(grant -> standing(
                        grant, request, session, grant.scope().reach().sum().map(sum -> sum.max()), leaseUntil))
                .toList();
    }

    /// Grants that the latest decision on a call used, by its entry.
    private List<String> debited(CallId call) {
        var query = new Store.Query(call.value(), null, null, null, null, "decided");
        return journal.search(query, Long.MAX_VALUE, 1).stream()
                .flatMap(found -> GrantUse.in(found.bytes()).stream())
                .toList();
    }

    /// Adds one use to the batch of the intent to run: of all who race for what is left, it is never more than the
    /// caps allow. What is debited stays debited, whatever comes of the call.
    ///
    /// A crash before the commit leaves the grant as it was; after it, the call counts.
    ///
    /// @return the debit as the intent's entry states it
    /// @throws StoreConflict where the grant is not there to be used any more, or has no room
    public Entry.Debit debit(Draft draft, String id, DecisionRequest request) throws StoreConflict {
        Page page = read(id).orElseThrow(() -> new StoreConflict(Kind.GRANT, id));
        GrantRecord grant = page.grant();
        Optional<BigDecimal> amount =
                grant.scope().reach().amount(request.action().arguments());
        if (isOver(grant) || amount.filter(grant::hasRoomFor).isEmpty()) throw new StoreConflict(Kind.GRANT, id);
        GrantRecord after = grant.after(amount.get());
        draft.change(after.put(page.version()));
        if (after.state() != GrantState.ACTIVE) draft.afterwards(() -> deadlines.disarm(id));
        return new Entry.Debit(
                id, grant.scope().reach().sum().map(sum -> amount.get().toPlainString()));
    }

    /// Takes a grant back; one of a plan, with the rest of that plan. Whatever was decided with it and has not
    /// committed
    /// its intent is decided again, without it.
    ///
    /// @param reason the person's words; may be empty
    /// @return the grant as it stands now, revoked or ended otherwise before; empty where there is none
    public Optional<GrantRecord> revoke(String id, String by, String reason) {
        return TicketBook.settled(() -> {
            var page = read(id);
            if (page.isEmpty()
                    || page.get().grant().state().after(GrantState.Event.REVOKE).isEmpty())
                return page.map(Page::grant);
            var draft = new Draft();
            for (Page each : together(page.get())) end(draft, each, GrantState.Event.REVOKE, by, reason);
            journal.commit(draft);
            return find(id);
        });
    }

    /// A grant, and those of its plan that are active.
    private List<Page> together(Page page) {
        GrantRecord grant = page.grant();
        if (grant.step().isEmpty()) return List.of(page);
        return given(grant.session(), each -> each.ticket().equals(grant.ticket()) && each.state() == GrantState.ACTIVE)
                .toList();
    }

    /// A crash before the commit leaves it as it was.
    private void end(Draft draft, Page page, GrantState.Event event, String by, String reason) {
        Optional<Commitment> why = Optional.empty();
        if (!reason.isEmpty()) {
            var sealed = journal.seal(page.grant().id() + "/reason", new JsonText(reason));
            draft.body(sealed.body());
            why = Optional.of(sealed.commitment());
        }
        var how = new GrantRecord.Ending(journal.now(), by, why.map(Commitment::body));
        GrantRecord after = page.grant().ended(event, how);
        draft.entry(new Entry.GrantEnded(
                        how.at(),
                        after.id(),
                        after.session(),
                        after.agent(),
                        after.tool(),
                        after.state().text(),
                        by.isEmpty() ? "guard" : by,
                        why))
                .change(after.put(page.version()))
                .afterwards(() -> deadlines.disarm(after.id()));
    }

    /// The words of the person who took a grant back; empty where there were none or they are erased.
    public Optional<String> reason(GrantRecord grant) {
        return grant.ending().flatMap(GrantRecord.Ending::reason).flatMap(journal::words);
    }

    /// Arms every active grant of earlier boots. Where the wall clock stands before the log's latest entry, they
    /// are all over.
    void rearm() {
        String after = "";
        var page = list(Optional.of(GrantState.ACTIVE), after, PAGE);
        while (!page.isEmpty()) {
            page.forEach(this::left);
            page = list(Optional.of(GrantState.ACTIVE), page.getLast().id(), PAGE);
        }
    }

    /// Ends a grant whose time is over, durably.
    ///
    /// @return false where it is not
    boolean expire(String id) {
        return TicketBook.settled(() -> {
            var page = read(id);
            if (page.isEmpty() || page.get().grant().state() != GrantState.ACTIVE) {
                deadlines.disarm(id);
                return false;
            }
            if (left(page.get().grant()) > 0) return false;
            var draft = new Draft();
            end(draft, page.get(), GrantState.Event.EXPIRE, "", "");
            journal.commit(draft);
            return true;
        });
    }

    /// How it stands now, whether or not somebody wrote yet that its time is over.
    public GrantState state(GrantRecord grant) {
        return grant.state() == GrantState.ACTIVE && isOver(grant) ? GrantState.EXPIRED : grant.state();
    }

    /// True where it answers nothing any more: ended, or past its end by either clock.
    public boolean isOver(GrantRecord grant) {
        return grant.state() != GrantState.ACTIVE
                || left(grant) <= 0
                || !journal.now().isBefore(grant.until());
    }

    /// Nanoseconds that are left of an active grant ([Remaining#of]).
    private long left(GrantRecord grant) {
        return remaining.of(grant.id(), TicketState.APPROVED, grant.until());
    }

    private Optional<Page> read(String id) {
        return journal.get(Kind.GRANT, id).map(GrantBook::page);
    }

    private List<Page> pages(Document.Tags filter, String after, int limit) {
        return journal.find(Kind.GRANT, filter, after, limit).stream()
                .map(GrantBook::page)
                .toList();
    }

    private static Page page(Document document) {
        return new Page(GrantRecord.of(document.value()), document.version());
    }
}
