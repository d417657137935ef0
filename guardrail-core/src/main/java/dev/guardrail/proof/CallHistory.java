package dev.guardrail.proof;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What calls went through, by their entries alone: one permit, one outcome, and no outcome without a permit. It keeps
/// the calls that are open or can be taken back, and a fingerprint of each that is over.
///
/// Longer than other classes: every step that a call can take is judged in one place.
final class CallHistory {
    private static final Set<String> PERMITS = Set.of("permitted", "running");
    private static final Set<String> LATE = Set.of("expired", "cancelled");
    private static final Set<String> UNDOABLE = Set.of("succeeded", "failed", "undo_failed");
    private static final Map<String, String> STATUS_OF_REFUSAL =
            Map.of("deny", "denied", "clarify", "needs_clarification", "require_approval", "held");

    /// By status: what an outcome may be, and who may attest it.
    private static final Map<String, Map<String, Set<String>>> OUTCOMES = Map.of(
            "running",
            Map.of("succeeded", Set.of("guard"), "failed", Set.of("guard"), "in_doubt", Set.of("guard")),
            "permitted",
            Map.of(
                    "succeeded", Set.of("host", "agent"),
                    "failed", Set.of("host", "agent"),
                    "expired", Set.of("guard"),
                    "cancelled", Set.of("guard")),
            "in_doubt",
            Map.of("succeeded", Set.of("operator", "probe"), "failed", Set.of("operator", "probe")),
            "expired",
            Map.of("succeeded", Set.of("host", "agent"), "failed", Set.of("host", "agent")),
            "cancelled",
            Map.of("succeeded", Set.of("host", "agent"), "failed", Set.of("host", "agent")));

    /// By status of a held or permitted call: what deciding it again may come to.
    private static final Map<String, Set<String>> DECIDED_AGAIN = Map.of(
            "held", Set.of("denied", "needs_clarification", "permitted", "running"),
            "permitted", Set.of("denied", "needs_clarification", "running"));

    private final Map<String, Call> open = new HashMap<>();
    private final Fingerprints over = new Fingerprints();
    private final Map<String, String> claims = new HashMap<>();
    private final Set<String> policies = new HashSet<>();
    private final TicketHistory tickets;
    private final GrantHistory grants;
    private final SessionHistory sessions;
    private final StopHistory stops;
    private final Ends ends;
    private long calls;
    private long decisions;
    private long runs;
    private long outcomes;
    private Optional<Awaited> awaited = Optional.empty();

    /// What the next entry has to say.
    private record Awaited(String call, String compensation, String status) {}

    /// Told of each call that is over.
    @FunctionalInterface
    interface Ends {
        /// @return a breach where what is kept of the call says something else
        Optional<Breach> ended(String call, String status);
    }

    /// A call that is not over.
    ///
    /// @param ticket that it waits on, where it is held
    /// @param grants tickets that its permit used
    /// @param binding of the exact call that was decided last
    /// @param runsAt in milliseconds, while it waits in the outbox: nobody has the right to run it
    /// @param undoable something was prepared to take it back
    /// @param undoes the call that it takes back
    private record Call(
            String status,
            String session,
            String agent,
            String tool,
            String policy,
            Optional<String> ticket,
            Set<String> grants,
            String binding,
            OptionalLong runsAt,
            boolean undoable,
            Optional<String> undoes) {

        static Call of(Members entry) {
            return new Call(
                    text(entry, "status"),
                    text(entry, "session"),
                    text(entry, "agent"),
                    text(entry, "tool"),
                    text(entry, "policy"),
                    entry.text("ticket"),
                    Set.copyOf(names(entry, "grants")),
                    text(entry, "binding"),
                    runsAtOf(entry),
                    entry.text("undo").filter(how -> !how.equals("none")).isPresent(),
                    entry.text("undoes"));
        }

        Call in(String next) {
            return new Call(next, session, agent, tool, policy, ticket, grants, binding, runsAt, undoable, undoes);
        }

        boolean isOf(Members entry) {
            return session.equals(text(entry, "session"))
                    && agent.equals(text(entry, "agent"))
                    && tool.equals(text(entry, "tool"));
        }

        boolean isQueued() {
            return runsAt.isPresent();
        }
    }

    CallHistory(TicketHistory tickets, GrantHistory grants, SessionHistory sessions, StopHistory stops, Ends ends) {
        this.tickets = tickets;
        this.grants = grants;
        this.sessions = sessions;
        this.stops = stops;
        this.ends = ends;
    }

    /// True where any entry decided a call of this id.
    boolean knows(String call) {
        return open.containsKey(call) || over.contains(call);
    }

    void activated(Members entry) {
        policies.add(text(entry, "policy"));
    }

    Optional<Breach> decided(Members entry, long at) {
        decisions++;
        String id = text(entry, "call");
        Call before = open.get(id);
        return standsTogether(entry, at)
                .or(() -> Breach.unless(
                        policies.isEmpty() || policies.contains(text(entry, "policy")),
                        "unknown-policy",
                        "decides by a policy that was not activated before"))
                .or(() -> before == null ? fresh(id) : again(before, entry, at))
                .or(() -> entry.has("undoes") ? undoing(id, entry) : atWork(entry))
                .or(() -> granted(before, entry, at))
                .or(() -> moved(id, entry));
    }

    /// Neither the session's state nor a stop stands against it.
    private Optional<Breach> atWork(Members entry) {
        return sessions.decided(text(entry, "session"), isPermit(entry))
                .or(() -> stops.decided(
                        entry, isPermit(entry) || text(entry, "status").equals("held")));
    }

    /// One call at a time takes another one back, as long as it is not. Neither stops nor the session's end bind it.
    private Optional<Breach> undoing(String id, Members entry) {
        if (!isPermit(entry)) return Optional.empty();
        String undone = text(entry, "undoes");
        Call original = open.get(undone);
        if (original == null) return Breach.of("not-undoable", "takes back a call that cannot be taken back");
        boolean can = original.undoable()
                && UNDOABLE.contains(original.status())
                && original.session().equals(text(entry, "session"))
                && text(entry, "status").equals("running")
                && !entry.has("undo");
        if (!can) return Breach.of("not-undoable", "takes back a call that cannot be taken back");
        String other = claims.putIfAbsent(undone, id);
        return Breach.unless(other == null, "second-undo", "takes back a call that another one takes back already");
    }

    /// What taking back came to, right after the outcome of the call that did it.
    Optional<Breach> undone(Members entry) {
        String id = text(entry, "call");
        Call original = open.get(id);
        Optional<Awaited> told = awaited;
        awaited = Optional.empty();
        boolean fits = original != null
                && original.isOf(entry)
                && told.equals(Optional.of(new Awaited(id, text(entry, "compensation"), text(entry, "status"))));
        if (original == null || !fits)
            return Breach.of("no-undo", "says that a call was taken back, and none took it back just now");
        claims.remove(id);
        if (text(entry, "status").equals("undone")) return ended(id, "undone");
        open.put(id, original.in("undo_failed"));
        return Optional.empty();
    }

    /// Anything else than what taking back came to.
    Optional<Breach> other() {
        return Breach.unless(awaited.isEmpty(), "undo-untold", "stands where an undo has to be told of");
    }

    /// Members of one decision that must agree with each other.
    private static Optional<Breach> standsTogether(Members entry, long at) {
        String status = text(entry, "status");
        boolean permit = isPermit(entry);
        String refusal = STATUS_OF_REFUSAL.get(text(entry, "effect"));
        boolean fits = refusal == null ? permit : refusal.equals(status) || isRequestable(entry);
        boolean run = !status.equals("running") || text(entry, "run").equals("guard");
        boolean queued = entry.has("runsAt");
        boolean lease = permit && !queued
                ? EntryTime.millis(entry.text("leaseUntil").orElse("")).orElse(Long.MIN_VALUE) > at
                : !entry.has("leaseUntil");
        boolean waits = !queued || status.equals("permitted") && runsAtOf(entry).orElse(Long.MIN_VALUE) > at;
        boolean ticket = status.equals("held") == entry.has("ticket");
        boolean grants = permit || names(entry, "grants").isEmpty() && !entry.has("debits");
        return Breach.unless(
                fits && run && lease && waits && ticket && grants,
                "contradicts-itself",
                "is a decision whose effect, status, lease, ticket and grants do not fit together");
    }

    /// A hold of a call that was only evaluated: refused at once.
    private static boolean isRequestable(Members entry) {
        return text(entry, "effect").equals("require_approval")
                && text(entry, "status").equals("denied")
                && entry.text("cause").filter("requestable"::equals).isPresent();
    }

    private Optional<Breach> fresh(String id) {
        if (over.contains(id)) return Breach.of("call-over", "decides a call that had come to its end");
        calls++;
        return Optional.empty();
    }

    private static OptionalLong runsAtOf(Members entry) {
        return entry.has("runsAt") ? EntryTime.millis(entry.text("runsAt").orElse("")) : OptionalLong.empty();
    }

    private static Optional<Breach> again(Call before, Members entry, long at) {
        if (!before.isOf(entry))
            return Breach.of("call-changed", "decides a call again with another session, agent or tool");
        Set<String> allowed = DECIDED_AGAIN.get(before.status());
        if (allowed == null) return Breach.of("call-over", "decides a call that is " + before.status());
        String status = text(entry, "status");
        if (before.isQueued() && isPermit(entry)) return due(before, entry, at);
        if (allowed.contains(status)) return Optional.empty();
        return status.equals("held")
                ? Breach.of("no-such-step", "holds a call that is " + before.status())
                : Breach.of("second-permit", "permits a call that was permitted before");
    }

    /// A call that was put off is run, or its caller permitted to, as the very call that it was, not before its time;
    /// or it is put off further.
    private static Optional<Breach> due(Call before, Members entry, long at) {
        OptionalLong later = runsAtOf(entry);
        long runsAt = before.runsAt().orElseThrow();
        if (!before.binding().equals(text(entry, "binding")))
            return Breach.of("other-binding", "permits another call than the one that was put off");
        if (later.isPresent())
            return Breach.unless(
                    later.getAsLong() > runsAt, "second-permit", "puts a call off again without a later time");
        return Breach.unless(at >= runsAt, "too-early", "permits a call to run before the time that it was put off to");
    }

    /// A call left the outbox without being decided again.
    Optional<Breach> unqueued(Members entry) {
        String id = text(entry, "call");
        Call before = open.get(id);
        if (before == null || !before.isQueued())
            return Breach.of("not-queued", "takes a call out of the outbox that is not in it");
        if (!before.isOf(entry))
            return Breach.of("call-changed", "takes a call out of the outbox with another session, agent or tool");
        return ended(id, text(entry, "outcome"));
    }

    private Optional<Breach> granted(@Nullable Call before, Members entry, long at) {
        if (!isPermit(entry)) return Optional.empty();
        List<String> grants = names(entry, "grants");
        var fresh = grants.stream()
                .filter(grant -> before == null || !before.grants().contains(grant))
                .toList();
        var standing = this.grants.used(
                entry, fresh.stream().filter(GrantHistory::isStanding).toList(), at);
        if (standing.isPresent()) return standing;
        for (String grant : fresh) {
            if (GrantHistory.isStanding(grant)) continue;
            var breach = tickets.used(grant, text(entry, "call"), text(entry, "binding"), at);
            if (breach.isPresent()) return breach;
        }
        boolean needed = before != null
                && before.status().equals("held")
                && grants.isEmpty()
                && before.policy().equals(text(entry, "policy"))
                && !tickets.isApproved(before.ticket().orElse(""));
        return Breach.unless(!needed, "no-grant", "permits a held call that nobody approved, under the same policy");
    }

    private Optional<Breach> moved(String id, Members entry) {
        String status = text(entry, "status");
        if (!isPermit(entry) && !status.equals("held")) return ended(id, status);
        var call = Call.of(entry);
        if (isPermit(entry) && !call.isQueued()) runs++;
        open.put(id, call);
        return status.equals("held") ? tickets.opened(entry, call.ticket().orElseThrow()) : Optional.empty();
    }

    Optional<Breach> executed(Members entry) {
        outcomes++;
        String id = text(entry, "call");
        Call before = open.get(id);
        if (before == null)
            return over.contains(id)
                    ? Breach.of("second-outcome", "tells the outcome of a call that had come to its end")
                    : Breach.of("no-intent", "tells the outcome of a call that was never decided");
        String status = text(entry, "status");
        var possible = OUTCOMES.get(before.status());
        if (possible == null || before.isQueued())
            return Breach.of("no-intent", "tells the outcome of a call that is " + before.status());
        if (!before.isOf(entry))
            return Breach.of("call-changed", "tells an outcome with another session, agent or tool");
        Set<String> attested = possible.get(status);
        if (attested == null)
            return Breach.of("no-such-step", "says `" + status + "` of a call that is " + before.status());
        if (!attested.contains(text(entry, "attested")))
            return Breach.of("not-theirs", "is attested by somebody who cannot say it");
        if (before.undoes().isPresent() && !status.equals("in_doubt"))
            awaited = Optional.of(
                    new Awaited(before.undoes().get(), id, status.equals("succeeded") ? "undone" : "undo_failed"));
        boolean stays = OUTCOMES.containsKey(status) || before.undoable() && hasActed(entry);
        if (!stays) return ended(id, status);
        open.put(id, before.in(status));
        return Optional.empty();
    }

    /// A call that failed has acted where what it left was read: it is only where that is something else than before.
    private static boolean hasActed(Members outcome) {
        String status = text(outcome, "status");
        return status.equals("succeeded") || status.equals("failed") && outcome.has("after");
    }

    /// A ticket came to its end without an approval that was used: the call that waited on it ends with it.
    Optional<Breach> released(String ticket, String id, String outcome) {
        Call call = open.get(id);
        boolean waits =
                call != null && call.status().equals("held") && call.ticket().equals(Optional.of(ticket));
        return waits ? ended(id, outcome) : Optional.empty();
    }

    private Optional<Breach> ended(String id, String status) {
        open.remove(id);
        over.add(id);
        return ends.ended(id, status);
    }

    /// Tells of every call that is still open as if it were over, at the end of the log.
    Optional<Breach> rest() {
        return open.entrySet().stream()
                .flatMap(call -> ends.ended(call.getKey(), call.getValue().status()).stream())
                .findFirst();
    }

    long calls() {
        return calls;
    }

    long decisions() {
        return decisions;
    }

    long runs() {
        return runs;
    }

    long outcomes() {
        return outcomes;
    }

    /// Calls that are held, permitted, running or in doubt; one whose lease lapsed or was taken back is over but for a
    /// late result, and one that was done is over but for being undone.
    long openCalls() {
        return open.values().stream()
                .filter(call -> !LATE.contains(call.status()) && !UNDOABLE.contains(call.status()))
                .count();
    }

    private static boolean isPermit(Members entry) {
        return PERMITS.contains(text(entry, "status"));
    }

    private static List<String> names(Members entry, String member) {
        return entry.texts(member);
    }

    private static String text(Members entry, String member) {
        return entry.text(member).orElseThrow();
    }
}
