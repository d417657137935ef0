package dev.guardrail.proof;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The members of each kind of entry, version 1 (docs/journal-format.md): which there are, which must be there, and
/// what
/// they hold. Nothing else may be in an entry.
final class EntryShape {
    private static final long VERSION = 1;

    private static final Predicate<Value> TEXT = json -> json instanceof Value.Text(String text) && !text.isEmpty();
    private static final Predicate<Value> WORD =
            json -> json instanceof Value.Text(String text) && text.matches("[a-z][a-z_]{0,31}");
    private static final Predicate<Value> DIGEST = json -> json instanceof Value.Text(String text) && isDigest(text);
    private static final Predicate<Value> TIME = json ->
            json instanceof Value.Text(String text) && EntryTime.millis(text).isPresent();
    private static final Predicate<Value> COUNT = json -> json instanceof Value.Whole(long number) && number >= 0;
    private static final Predicate<Value> SEQUENCE =
            json -> json instanceof Value.Text(String text) && isSequence(text);
    private static final Predicate<Value> NAMES =
            json -> json instanceof Value.Items(List<Value> items) && isSorted(items);
    private static final Predicate<Value> SOME_NAMES =
            NAMES.and(json -> json instanceof Value.Items(List<Value> items) && !items.isEmpty());
    private static final Predicate<Value> COMMITMENT = EntryShape::isCommitment;
    private static final Predicate<Value> SCOPE = words("all", "agent", "session", "tool", "server");
    private static final Predicate<Value> COMMITMENTS = json ->
            json instanceof Value.Items(List<Value> items) && items.stream().allMatch(EntryShape::isCommitment);

    private static final Predicate<Value> DECIMAL = EntryShape::isDecimal;
    private static final Predicate<Value> DEBITS = json -> json instanceof Value.Items(List<Value> items)
            && !items.isEmpty()
            && items.stream().allMatch(EntryShape::isDebit);

    /// One member of a kind.
    private record Member(String name, boolean required, Predicate<Value> form) {}

    private static final Map<String, List<Member>> KINDS = Map.ofEntries(
            entry(
                    "decided",
                    members(
                            must("call", TEXT),
                            must("session", TEXT),
                            must("agent", TEXT),
                            may("user", DIGEST),
                            must("door", TEXT),
                            must("tool", TEXT),
                            must("definition", DIGEST),
                            must("effect", words("deny", "clarify", "require_approval", "modify", "allow")),
                            must("rules", NAMES),
                            must("policy", DIGEST),
                            must("run", words("caller", "guard")),
                            may("failed", SOME_NAMES),
                            may("shadow", SOME_NAMES),
                            may("cause", TEXT),
                            must("binding", DIGEST),
                            must("status", words("denied", "needs_clarification", "held", "permitted", "running")),
                            must("bodies", COMMITMENTS),
                            must("grants", NAMES),
                            may("debits", DEBITS),
                            may("ticket", TEXT),
                            may("leaseUntil", TIME),
                            may("runsAt", TIME),
                            may("sandbox", EntryShape::isConfinement),
                            may("undo", words("exact", "corrects", "none")),
                            may("undoWhy", WORD),
                            may("undoes", TEXT))),
            entry(
                    "outbox_closed",
                    members(
                            must("call", TEXT),
                            must("session", TEXT),
                            must("agent", TEXT),
                            must("tool", TEXT),
                            must("outcome", words("cancelled", "expired")),
                            must("by", TEXT),
                            must("why", TEXT),
                            may("reason", COMMITMENT))),
            entry(
                    "executed",
                    members(
                            must("call", TEXT),
                            must("session", TEXT),
                            must("agent", TEXT),
                            must("tool", TEXT),
                            must("status", words("succeeded", "failed", "in_doubt", "expired", "cancelled")),
                            must("attested", words("guard", "host", "agent", "operator", "probe")),
                            may("error", TEXT),
                            may("result", COMMITMENT),
                            may("after", DIGEST))),
            entry(
                    "undone",
                    members(
                            must("call", TEXT),
                            must("session", TEXT),
                            must("agent", TEXT),
                            must("tool", TEXT),
                            must("compensation", TEXT),
                            must("status", words("undone", "undo_failed")))),
            entry(
                    "voted",
                    members(
                            must("ticket", TEXT),
                            must("call", TEXT),
                            must("session", TEXT),
                            must("voter", TEXT),
                            must("vote", words("approve", "deny")),
                            must("binding", DIGEST),
                            may("scope", DIGEST),
                            may("reason", COMMITMENT))),
            entry(
                    "granted",
                    members(
                            must("grant", TEXT),
                            must("ticket", TEXT),
                            must("call", TEXT),
                            must("session", TEXT),
                            must("agent", TEXT),
                            may("user", DIGEST),
                            must("tool", TEXT),
                            must("definition", DIGEST),
                            must("scope", DIGEST),
                            must("within", words("session", "agent")),
                            must("calls", COUNT),
                            may("sum", DECIMAL),
                            must("until", TIME),
                            must("binding", DIGEST),
                            must("rules", SOME_NAMES),
                            must("used", COUNT),
                            must("spent", DECIMAL),
                            may("step", COUNT))),
            entry(
                    "grant_ended",
                    members(
                            must("grant", TEXT),
                            must("session", TEXT),
                            must("agent", TEXT),
                            must("tool", TEXT),
                            must("outcome", words("revoked", "expired")),
                            must("by", TEXT),
                            may("reason", COMMITMENT))),
            entry(
                    "ticket_closed",
                    members(
                            must("ticket", TEXT),
                            must("call", TEXT),
                            must("session", TEXT),
                            must("outcome", words("approved", "denied", "expired", "cancelled")),
                            must("rules", SOME_NAMES),
                            must("required", COUNT),
                            may("usableUntil", TIME))),
            entry(
                    "ticket_changed",
                    members(
                            must("ticket", TEXT),
                            must("call", TEXT),
                            must("session", TEXT),
                            must("change", words("escalated", "delegated", "asked", "answered", "edited")),
                            must("by", TEXT),
                            may("to", SOME_NAMES),
                            may("binding", DIGEST),
                            must("bodies", COMMITMENTS))),
            entry(
                    "canary_opened",
                    members(
                            must("ticket", TEXT),
                            must("call", TEXT),
                            must("tool", TEXT),
                            must("poses", TEXT),
                            must("to", SOME_NAMES),
                            must("by", TEXT),
                            must("until", TIME),
                            must("bodies", COMMITMENTS))),
            entry(
                    "canary_closed",
                    members(
                            must("ticket", TEXT),
                            must("call", TEXT),
                            must("tool", TEXT),
                            must("outcome", words("missed", "caught", "silent", "handled")),
                            may("by", TEXT),
                            may("reason", COMMITMENT))),
            entry(
                    "session_changed",
                    members(
                            must("session", TEXT),
                            must("agent", TEXT),
                            may("user", DIGEST),
                            must("change", words("opened", "message", "paused", "resumed", "ended")),
                            must("by", TEXT),
                            may("text", COMMITMENT))),
            entry(
                    "tool_seen",
                    members(
                            must("tool", TEXT),
                            must("definition", DIGEST),
                            must("state", words("pinned", "quarantined", "accepted")),
                            must("by", TEXT))),
            entry(
                    "stopped",
                    members(
                            must("stop", TEXT),
                            must("scope", SCOPE),
                            may("agent", TEXT),
                            may("session", TEXT),
                            may("tool", TEXT),
                            may("server", TEXT),
                            must("by", TEXT),
                            must("reason", COMMITMENT))),
            entry(
                    "stop_lifted",
                    members(
                            must("stop", TEXT),
                            must("scope", SCOPE),
                            may("agent", TEXT),
                            may("session", TEXT),
                            may("tool", TEXT),
                            may("server", TEXT),
                            must("by", TEXT))),
            entry(
                    "revealed",
                    members(
                            must("by", TEXT),
                            must("entry", SEQUENCE),
                            may("call", TEXT),
                            must("shown", SOME_NAMES),
                            must("reason", COMMITMENT))),
            entry("pack_activated", members(must("policy", DIGEST), must("rules", COUNT))),
            entry("key_rotated", members(must("vkey", TEXT), may("appointment", TEXT))),
            entry(
                    "gap_acknowledged",
                    members(
                            must("from", SEQUENCE),
                            must("to", SEQUENCE),
                            must("by", TEXT),
                            must("reason", COMMITMENT),
                            may("head", TEXT))),
            entry(
                    "wire_refused",
                    members(
                            must("door", TEXT),
                            must("fault", TEXT),
                            must("by", TEXT),
                            may("agent", TEXT),
                            may("session", TEXT),
                            may("user", DIGEST),
                            may("server", TEXT),
                            must("route", TEXT),
                            may("message", DIGEST),
                            must("count", COUNT),
                            may("since", TIME))));

    private EntryShape() {}

    /// Judges one entry by itself.
    static Optional<Breach> breach(Members entry) {
        var version = entry.integer("v");
        if (version.isEmpty()) return Breach.of("no-version", "has no version");
        if (version.getAsLong() != VERSION)
            return Breach.of(
                    "unknown-version",
                    "has format version " + version.getAsLong() + " and this program knows " + VERSION);
        String kind = entry.text("kind").orElse("");
        var shape = KINDS.get(kind);
        if (shape == null) return Breach.of("unknown-kind", "is of the kind `" + kind + "`, which version 1 has not");
        return fits(kind, shape, entry);
    }

    /// Walks the members of shape and entry, which are both in order.
    private static Optional<Breach> fits(String kind, List<Member> shape, Members entry) {
        int at = 0;
        for (Member member : shape) {
            boolean there = at < entry.size() && entry.name(at).equals(member.name());
            if (!there && member.required())
                return Breach.of(
                        "missing-member",
                        "is `" + kind + "` and lacks `" + member.name() + "`, or has something before it");
            if (!there) continue;
            if (!member.form().test(entry.value(at)))
                return Breach.of("bad-member", "is `" + kind + "` and has a `" + member.name() + "` that cannot be");
            at++;
        }
        return Breach.unless(
                at == entry.size(), "unknown-member", "is `" + kind + "` and has a member that the kind has not");
    }

    /// Names of members of any kind, and of what lies in them.
    static Set<String> names() {
        Set<String> names = new HashSet<>(Set.of("body", "commitment", "amount", "grant"));
        for (List<Member> shape : KINDS.values()) for (Member member : shape) names.add(member.name());
        return names;
    }

    /// Every kind there is.
    static Set<String> kinds() {
        return KINDS.keySet();
    }

    /// The members of a kind with those that every entry has, in order.
    private static List<Member> members(Member... members) {
        Stream<Member> every =
                Stream.of(must("v", json -> json instanceof Value.Whole), must("kind", TEXT), must("at", TIME));
        return Stream.concat(every, Arrays.stream(members))
                .sorted(Comparator.comparing(Member::name))
                .toList();
    }

    private static Map.Entry<String, List<Member>> entry(String kind, List<Member> members) {
        return Map.entry(kind, members);
    }

    private static Member must(String name, Predicate<Value> form) {
        return new Member(name, true, form);
    }

    private static Member may(String name, Predicate<Value> form) {
        return new Member(name, false, form);
    }

    private static Predicate<Value> words(String... words) {
        var known = Set.of(words);
        return json -> json instanceof Value.Text(String text) && known.contains(text);
    }

    static boolean isDigest(String text) {
        if (text.length() != 71 || !text.startsWith("sha256:")) return false;
        for (int i = 7; i < 71; i++) {
            char digit = text.charAt(i);
            if (!(digit >= '0' && digit <= '9' || digit >= 'a' && digit <= 'f')) return false;
        }
        return true;
    }

    private static boolean isSequence(String text) {
        try {
            DecimalText.parse(text);
            return true;
        } catch (MalformedProof other) {
            return false;
        }
    }

    private static boolean isCommitment(Value json) {
        return json instanceof Members members
                && members.size() == 2
                && members.get("body") instanceof Value.Text(String body)
                && !body.isEmpty()
                && members.get("commitment") instanceof Value.Text(String digest)
                && isDigest(digest);
    }

    private static boolean isConfinement(Value json) {
        return json instanceof Members members
                && members.size() == 2
                && members.get("profile") instanceof Value.Text(String profile)
                && !profile.isEmpty()
                && members.get("digest") instanceof Value.Text(String digest)
                && isDigest(digest);
    }

    private static boolean isDebit(Value json) {
        if (!(json instanceof Members members)
                || !(members.get("grant") instanceof Value.Text(String grant))
                || grant.isEmpty()) return false;
        return members.size() == (members.has("amount") ? 2 : 1)
                && (!members.has("amount") || isDecimal(members.get("amount")));
    }

    /// At most 16 digits, a point, and 20 more.
    private static boolean isDecimal(@Nullable Value json) {
        if (!(json instanceof Value.Text(String text)) || text.length() > 37) return false;
        int point = text.indexOf('.');
        String whole = point < 0 ? text : text.substring(0, point);
        String rest = point < 0 ? "0" : text.substring(point + 1);
        return isDigits(whole, 16) && isDigits(rest, 20);
    }

    private static boolean isDigits(String text, int most) {
        return !text.isEmpty()
                && text.length() <= most
                && text.chars().allMatch(character -> character >= '0' && character <= '9');
    }

    private static boolean isSorted(List<Value> items) {
        String before = "";
        for (Value item : items) {
            if (!(item instanceof Value.Text(String text)) || text.isEmpty() || before.compareTo(text) > 0)
                return false;
            before = text;
        }
        return true;
    }
}
