package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.base.CanonicalJson;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Reversal;
import dev.guardrail.journal.Status;
import dev.guardrail.testing.AnyJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What the writer writes, a second encoder writes to the byte, and the auditor takes: every kind, with and without
/// each
/// member that may be missing, with texts of all scripts.
class EntryFormatLaws {
    private static final int CASES = 10_000;

    @Test
    void a_second_encoder_writes_the_same_bytes() {
        Map<String, Integer> kinds = new HashMap<>();
        for (long seed = 0; seed < CASES; seed++) {
            var entry = new AnyEntry(seed).entry();
            byte[] written = entry.line().bytes();
            kinds.merge(entry.kind(), 1, Integer::sum);

            assertArrayEquals(naive(StrictJson.parse(written)).getBytes(UTF_8), written, "seed " + seed);
            var read = CanonicalReader.read(written);
            assertEquals(Optional.empty(), EntryShape.breach(read), "seed " + seed + ": " + read);
            assertEquals(
                    entry.at().toEpochMilli(),
                    EntryTime.millis(read.text("at").orElseThrow()).orElseThrow());
        }
        assertEquals(EntryShape.kinds(), kinds.keySet());
    }

    /// Any single member that is missing, renamed or turned into something else is noticed by itself.
    @Test
    void a_member_is_what_it_should_be_or_it_is_noticed() {
        for (long seed = 0; seed < CASES; seed++) {
            var random = new SplittableRandom(seed);
            var sound = CanonicalReader.read(new AnyEntry(seed).entry().line().bytes())
                    .json();
            var names = List.copyOf(sound.members().keySet());
            String name = names.get(random.nextInt(names.size()));
            var members = new TreeMap<>(sound.members());
            Json value = members.remove(name);
            switch (random.nextInt(3)) {
                case 0 -> members.put(name + "x", value);
                case 1 -> members.put(name, new JsonArray(List.of(value)));
                default -> members.put(name, JsonObject.EMPTY);
            }
            var broken = new JsonObject(new java.util.LinkedHashMap<>(members));

            assertEquals(
                    true,
                    EntryShape.breach(CanonicalReader.read(CanonicalJson.bytes(broken)))
                            .isPresent(),
                    "seed " + seed + ": " + broken);
        }
    }

    /// RFC 8785 for values without fractions, in the fewest words.
    private static String naive(Json json) {
        return switch (json) {
            case JsonText(String text) -> quoted(text);
            case JsonNumber number -> Long.toString(number.exactLong().orElseThrow());
            case JsonArray(List<Json> items) ->
                "["
                        + String.join(
                                ",", items.stream().map(EntryFormatLaws::naive).toList()) + "]";
            case JsonObject object -> {
                var parts = new ArrayList<String>();
                new TreeMap<>(object.members()).forEach((name, value) -> parts.add(quoted(name) + ":" + naive(value)));
                yield "{" + String.join(",", parts) + "}";
            }
            default -> throw new AssertionError("entries hold no " + json);
        };
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        for (char unit : text.toCharArray()) {
            switch (unit) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (unit < ' ') quoted.append("\\u%04x".formatted((int) unit));
                    else quoted.append(unit);
                }
            }
        }
        return quoted.append('"').toString();
    }

    /// Entries drawn from a seed.
    private static final class AnyEntry {
        private final SplittableRandom random;
        private final AnyJson json;

        AnyEntry(long seed) {
            random = new SplittableRandom(seed);
            json = new AnyJson(seed);
        }

        Entry entry() {
            Instant at = time();
            return switch (random.nextInt(20)) {
                case 0 -> decided(at);
                case 1 ->
                    new Entry.Executed(
                            at,
                            new CallId(text()),
                            new SessionId(text()),
                            text(),
                            tool(),
                            any(Status.SUCCEEDED, Status.FAILED, Status.IN_DOUBT, Status.EXPIRED, Status.CANCELLED),
                            any("guard", "host", "agent", "operator"),
                            random.nextBoolean() ? "" : text(),
                            maybe(commitment()),
                            maybe(digest()));
                case 19 ->
                    new Entry.Undone(
                            at,
                            new CallId(text()),
                            new SessionId(text()),
                            text(),
                            tool(),
                            new CallId(text()),
                            any(Status.UNDONE, Status.UNDO_FAILED));
                case 2 ->
                    new Entry.Voted(
                            at,
                            text(),
                            new CallId(text()),
                            new SessionId(text()),
                            text(),
                            random.nextBoolean(),
                            digest(),
                            maybe(digest()),
                            maybe(commitment()));
                case 15 ->
                    new Entry.Granted(
                            at,
                            text(),
                            text(),
                            new CallId(text()),
                            new SessionId(text()),
                            new Entry.Holder(text(), maybe(digest())),
                            tool(),
                            digest(),
                            new Entry.Caps(
                                    digest(), random.nextBoolean(), random.nextInt(1_000), maybe(decimal()), time()),
                            digest(),
                            List.of(text(), text()),
                            random.nextInt(9),
                            decimal(),
                            maybe(1 + random.nextInt(50)));
                case 17 ->
                    new Entry.Revealed(
                            at,
                            text(),
                            random.nextLong(Long.MAX_VALUE),
                            maybe(new CallId(text())),
                            List.of(text(), text()),
                            commitment());
                case 16 ->
                    new Entry.GrantEnded(
                            at,
                            text(),
                            new SessionId(text()),
                            text(),
                            tool(),
                            any("revoked", "expired"),
                            text(),
                            maybe(commitment()));
                case 3 ->
                    new Entry.TicketClosed(
                            at,
                            text(),
                            new CallId(text()),
                            new SessionId(text()),
                            any("approved", "denied", "expired", "cancelled"),
                            List.of(text(), text()),
                            random.nextInt(1, 9),
                            maybe(time()));
                case 10 ->
                    new Entry.TicketChanged(
                            at,
                            text(),
                            new CallId(text()),
                            new SessionId(text()),
                            any("escalated", "delegated", "asked", "answered", "edited"),
                            text(),
                            random.nextBoolean() ? List.of() : List.of(text(), text()),
                            maybe(digest()),
                            List.of(commitment()));
                case 11 -> new Entry.Stopped(at, stop(), text(), commitment());
                case 12 -> new Entry.StopLifted(at, stop(), text());
                case 13 ->
                    new Entry.CanaryOpened(
                            at,
                            text(),
                            new CallId(text()),
                            tool(),
                            text(),
                            List.of(text(), text()),
                            text(),
                            time(),
                            List.of(commitment()));
                case 14 ->
                    new Entry.CanaryClosed(
                            at,
                            text(),
                            new CallId(text()),
                            tool(),
                            any("missed", "caught", "silent", "handled"),
                            maybe(text()),
                            maybe(commitment()));
                case 4 ->
                    new Entry.SessionChanged(
                            at,
                            new SessionId(text()),
                            text(),
                            maybe(digest()),
                            any("opened", "message", "paused", "resumed", "ended"),
                            text(),
                            maybe(commitment()));
                case 5 -> new Entry.ToolSeen(at, tool(), digest(), any("pinned", "quarantined", "accepted"), text());
                case 6 -> new Entry.PackActivated(at, digest(), random.nextLong(Long.MAX_VALUE));
                case 7 -> new Entry.KeyRotated(at, text(), maybe(text()));
                case 9 ->
                    new Entry.OutboxClosed(
                            at,
                            new CallId(text()),
                            new SessionId(text()),
                            text(),
                            tool(),
                            any("cancelled", "expired"),
                            text(),
                            text(),
                            maybe(commitment()));
                case 8 ->
                    new Entry.WireRefused(
                            at,
                            text(),
                            text(),
                            new Entry.SenderLine(text(), maybe(text()), maybe(new SessionId(text())), maybe(digest())),
                            maybe(text()),
                            text(),
                            maybe(digest()),
                            random.nextLong(Long.MAX_VALUE),
                            maybe(time()));
                default ->
                    new Entry.GapAcknowledged(
                            at,
                            random.nextLong(Long.MAX_VALUE),
                            random.nextLong(Long.MAX_VALUE),
                            text(),
                            commitment(),
                            maybe(text()));
            };
        }

        private Entry.StopLine stop() {
            String scope = any("all", "agent", "session", "tool", "server");
            return new Entry.StopLine(text(), scope, scope.equals("all") ? "" : text());
        }

        private Entry decided(Instant at) {
            return new Entry.Decided(
                    at,
                    new CallId(text()),
                    new Entry.SubjectLine(new SessionId(text()), text(), maybe(digest()), text()),
                    tool(),
                    digest(),
                    new Entry.Judgement(
                            any("deny", "clarify", "require_approval", "modify", "allow"),
                            List.of(text(), text()),
                            random.nextBoolean() ? List.of() : List.of(text()),
                            random.nextBoolean() ? List.of() : List.of(text(), text()),
                            random.nextBoolean() ? "" : text(),
                            digest(),
                            any("caller", "guard")),
                    digest(),
                    any(Status.DENIED, Status.NEEDS_CLARIFICATION, Status.HELD, Status.PERMITTED, Status.RUNNING),
                    random.nextBoolean() ? List.of() : List.of(commitment(), commitment()),
                    random.nextBoolean() ? List.of() : List.of(text(), text()),
                    random.nextBoolean() ? List.of() : List.of(new Entry.Debit(text(), maybe(decimal()))),
                    maybe(text()),
                    maybe(time()),
                    maybe(time()),
                    random.nextBoolean()
                            ? Reversal.of(new CallId(text()))
                            : Reversal.of(
                                    any(Exactness.EXACT, Exactness.CORRECTS, Exactness.NONE), any("", "too_large")),
                    maybe(new Confinement(text(), digest())));
        }

        private String decimal() {
            return new java.math.BigDecimal(java.math.BigInteger.valueOf(random.nextLong(1L << 53)), random.nextInt(15))
                    .toPlainString();
        }

        private Instant time() {
            long millis = random.nextLong(
                    Instant.parse("0000-01-01T00:00:00Z").toEpochMilli(),
                    Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli());
            return Instant.ofEpochMilli(random.nextBoolean() ? millis : Math.floorDiv(millis, 1000) * 1000);
        }

        private String text() {
            return "t" + json.text();
        }

        private ToolName tool() {
            return new ToolName("server", "tool" + random.nextInt(9));
        }

        private Sha256 digest() {
            return SampleLog.digest(Integer.toString(random.nextInt()));
        }

        private Commitment commitment() {
            return new Commitment(text(), digest());
        }

        private <T> Optional<T> maybe(T value) {
            return random.nextBoolean() ? Optional.of(value) : Optional.empty();
        }

        @SafeVarargs
        private <T> T any(T... some) {
            return some[random.nextInt(some.length)];
        }
    }
}
