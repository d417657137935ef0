package dev.guardrail.proof;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The members of each kind of entry, version 1 (docs/journal-format.md): which there are, which must be there, and
/// what
/// they hold. Nothing else may be in an entry.
final class EntryShape {
    private static final long VERSION = 1;
    private static final Set<String> ENVELOPE = Set.of("v", "kind", "at");

    private static final Predicate<Json> TEXT = json -> json instanceof JsonText(String text) && !text.isEmpty();
    private static final Predicate<Json> DIGEST = json -> json instanceof JsonText(String text) && isDigest(text);
    private static final Predicate<Json> TIME = json ->
            json instanceof JsonText(String text) && EntryTime.millis(text).isPresent();
    private static final Predicate<Json> COUNT = json -> json instanceof JsonNumber number
            && number.exactLong().isPresent()
            && number.exactLong().getAsLong() >= 0;
    private static final Predicate<Json> SEQUENCE = json -> json instanceof JsonText(String text) && isSequence(text);
    private static final Predicate<Json> NAMES = json -> json instanceof JsonArray array && isSorted(array);
    private static final Predicate<Json> SOME_NAMES =
            NAMES.and(json -> json instanceof JsonArray array && !array.items().isEmpty());
    private static final Predicate<Json> COMMITMENT = EntryShape::isCommitment;
    private static final Predicate<Json> COMMITMENTS =
            json -> json instanceof JsonArray array && array.items().stream().allMatch(EntryShape::isCommitment);

    /// One member of a kind.
    private record Member(String name, boolean required, Predicate<Json> form) {}

    private static final Map<String, Map<String, Member>> KINDS = Map.of(
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
                    may("ticket", TEXT),
                    may("leaseUntil", TIME)),
            "executed",
            members(
                    must("call", TEXT),
                    must("session", TEXT),
                    must("agent", TEXT),
                    must("tool", TEXT),
                    must("status", words("succeeded", "failed", "in_doubt", "expired", "cancelled")),
                    must("attested", words("guard", "host", "agent", "operator")),
                    may("error", TEXT),
                    may("result", COMMITMENT)),
            "voted",
            members(
                    must("ticket", TEXT),
                    must("call", TEXT),
                    must("session", TEXT),
                    must("voter", TEXT),
                    must("vote", words("approve", "deny")),
                    must("binding", DIGEST),
                    may("reason", COMMITMENT)),
            "ticket_closed",
            members(
                    must("ticket", TEXT),
                    must("call", TEXT),
                    must("session", TEXT),
                    must("outcome", words("approved", "denied", "expired", "cancelled")),
                    must("rules", SOME_NAMES),
                    must("required", COUNT),
                    may("usableUntil", TIME)),
            "session_changed",
            members(
                    must("session", TEXT),
                    must("agent", TEXT),
                    may("user", DIGEST),
                    must("change", words("opened", "message", "paused", "resumed", "ended")),
                    must("by", TEXT),
                    may("text", COMMITMENT)),
            "tool_seen",
            members(
                    must("tool", TEXT),
                    must("definition", DIGEST),
                    must("state", words("pinned", "quarantined", "accepted")),
                    must("by", TEXT)),
            "pack_activated",
            members(must("policy", DIGEST), must("rules", COUNT)),
            "key_rotated",
            members(must("vkey", TEXT), may("appointment", TEXT)),
            "gap_acknowledged",
            members(
                    must("from", SEQUENCE),
                    must("to", SEQUENCE),
                    must("by", TEXT),
                    must("reason", COMMITMENT),
                    may("head", TEXT)));

    private EntryShape() {}

    /// Judges one entry by itself.
    static Optional<Breach> breach(JsonObject entry) {
        var version = entry.integer("v");
        if (version.isEmpty()) return Breach.of("no-version", "has no version");
        if (version.getAsLong() != VERSION)
            return Breach.of(
                    "unknown-version",
                    "has format version " + version.getAsLong() + " and this program knows " + VERSION);
        String kind = entry.text("kind").orElse("");
        var shape = KINDS.get(kind);
        if (shape == null) return Breach.of("unknown-kind", "is of the kind `" + kind + "`, which version 1 has not");
        if (entry.get("at").filter(TIME).isEmpty()) return Breach.of("bad-member", "has no canonical time in `at`");
        int declared = 0;
        for (Member member : shape.values()) {
            var value = entry.members().get(member.name());
            if (value == null && member.required())
                return Breach.of("missing-member", "is `" + kind + "` and lacks `" + member.name() + "`");
            if (value == null) continue;
            declared++;
            if (!member.form().test(value))
                return Breach.of("bad-member", "is `" + kind + "` and has a `" + member.name() + "` that cannot be");
        }
        return Breach.unless(
                declared + ENVELOPE.size() == entry.members().size(),
                "unknown-member",
                "is `" + kind + "` and has a member that the kind has not");
    }

    /// Every kind there is.
    static Set<String> kinds() {
        return KINDS.keySet();
    }

    private static Map<String, Member> members(Member... members) {
        return Arrays.stream(members).collect(Collectors.toUnmodifiableMap(Member::name, member -> member));
    }

    private static Member must(String name, Predicate<Json> form) {
        return new Member(name, true, form);
    }

    private static Member may(String name, Predicate<Json> form) {
        return new Member(name, false, form);
    }

    private static Predicate<Json> words(String... words) {
        var known = Set.of(words);
        return json -> json instanceof JsonText(String text) && known.contains(text);
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

    private static boolean isCommitment(Json json) {
        return json instanceof JsonObject object
                && object.members().size() == 2
                && object.get("body").filter(TEXT).isPresent()
                && object.get("commitment").filter(DIGEST).isPresent();
    }

    private static boolean isSorted(JsonArray array) {
        List<String> texts = array.texts();
        if (texts.size() != array.items().size()) return false;
        for (int i = 0; i < texts.size(); i++)
            if (texts.get(i).isEmpty() || i > 0 && texts.get(i - 1).compareTo(texts.get(i)) > 0) return false;
        return true;
    }
}
