package dev.guardrail.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RefusalLogSpec {
    private final MemoryStore store = new MemoryStore();
    private Instant now = Calls.NOON;
    private long nanos;
    private final Journal journal =
            new Journal(store, new AesSeal(new byte[32], new SecureRandom()), () -> now, () -> nanos);
    private final RefusalLog log = new RefusalLog(journal);

    @Test
    void a_refusal_is_one_entry_that_says_who_where_and_why() throws IOException {
        var caller = new Caller(
                Caller.Kind.AGENT,
                "coder",
                Set.of(),
                Set.of(),
                Set.of(),
                Optional.of(new SessionId("ses_1")),
                Optional.of("uma"),
                Optional.empty());
        log.note(new WireRefusal(
                "mcp",
                "header-mismatch",
                WireRefusal.Sender.of(caller),
                Optional.of("files"),
                "POST /mcp/{server}",
                Optional.of(digest("secret bytes"))));

        var entry = entries().getLast();
        assertEquals("wire_refused", entry.text("kind").orElseThrow());
        assertEquals("agent:coder", entry.text("by").orElseThrow());
        assertEquals("coder", entry.text("agent").orElseThrow());
        assertEquals("ses_1", entry.text("session").orElseThrow());
        assertEquals(journal.pseudonym("uma").toString(), entry.text("user").orElseThrow());
        assertEquals("files", entry.text("server").orElseThrow());
        assertEquals("header-mismatch", entry.text("fault").orElseThrow());
        assertEquals(
                journal.blind(digest("secret bytes")).toString(),
                entry.text("message").orElseThrow(),
                "whoever has the bytes can find them, nobody can guess them");
        assertEquals(1, entry.integer("count").orElseThrow());
        assertTrue(!entry.has("since"), "it stands for one");
        assertEquals(Calls.NOON.toString(), entry.text("at").orElseThrow());
    }

    @Test
    void what_goes_on_is_counted_and_written_as_one_when_the_minute_is_over() throws IOException {
        for (int i = 0; i < 10_000; i++) log.note(refusal("agent", "coder", "parse"));
        assertEquals(RefusalLog.EACH, entries().size());

        later(RefusalLog.WINDOW.minusNanos(1));
        log.settle();
        assertEquals(RefusalLog.EACH, entries().size(), "the minute is not over");

        later(Duration.ofNanos(1));
        log.settle();
        log.settle();
        var last = entries().getLast();
        assertEquals(RefusalLog.EACH + 1, entries().size());
        assertEquals(10_000 - RefusalLog.EACH, last.integer("count").orElseThrow());
        assertEquals(Calls.NOON.toString(), last.text("since").orElseThrow());
        assertEquals("coder", last.text("agent").orElseThrow());
        assertEquals(10_000, total());
    }

    @Test
    void a_sender_that_never_stops_writes_eleven_entries_a_minute() throws IOException {
        int minutes = 30;
        for (int second = 0; second < 60 * minutes; second++) {
            for (int i = 0; i < 20; i++) log.note(refusal("agent", "coder", "parse"));
            later(Duration.ofSeconds(1));
        }
        assertTrue(
                entries().size() <= (RefusalLog.EACH + 1) * minutes, entries().size() + " entries");
        log.settleAll();
        assertEquals(20L * 60 * minutes, total(), "and none is lost");
    }

    @Test
    void senders_and_faults_do_not_hide_each_other() throws IOException {
        for (int i = 0; i < 100; i++) log.note(refusal("agent", "noisy", "parse"));
        log.note(refusal("agent", "quiet", "parse"));
        log.note(refusal("agent", "noisy", "foreign-session"));
        log.note(refusal("host", "noisy", "parse"));

        var shown = entries().stream().skip(RefusalLog.EACH).toList();
        assertEquals(
                List.of("agent:quiet parse", "agent:noisy foreign-session", "host:noisy parse"),
                shown.stream()
                        .map(entry -> entry.text("by").orElseThrow() + " "
                                + entry.text("fault").orElseThrow())
                        .toList());
        assertTrue(!shown.getLast().has("agent"), "a host is no agent");
    }

    @Test
    void a_number_names_a_session_only_where_all_of_it_came_from_that_one() throws IOException {
        for (int i = 0; i < RefusalLog.EACH; i++) log.note(refusal("agent", "coder", "parse"));
        for (int i = 0; i < 5; i++) log.note(session("ses_1"));
        log.settleAll();
        assertEquals("ses_1", entries().getLast().text("session").orElseThrow());

        log.note(session("ses_1"));
        log.note(session("ses_2"));
        log.settleAll();
        assertEquals(2, entries().getLast().integer("count").orElseThrow());
        assertTrue(!entries().getLast().has("session"));
        assertEquals("coder", entries().getLast().text("agent").orElseThrow());
    }

    @Test
    void memory_and_entries_are_bounded_however_many_names_there_are() throws IOException {
        for (int i = 0; i < RefusalLog.KINDS + 1_000; i++) log.note(refusal("client", "c" + i, "unknown-client"));
        int before = entries().size();
        assertEquals(RefusalLog.KINDS + RefusalLog.EACH, before);

        log.settleAll();
        var last = entries().getLast();
        assertEquals("others", last.text("by").orElseThrow());
        assertEquals(1_000 - RefusalLog.EACH, last.integer("count").orElseThrow());

        later(RefusalLog.WINDOW);
        log.note(refusal("client", "another", "unknown-client"));
        assertEquals("client:another", entries().getLast().text("by").orElseThrow(), "there is room again");
    }

    @Test
    void what_cannot_be_written_is_counted_until_it_can() throws IOException {
        store.breakDown(MemoryStore.Fault.REFUSED);
        for (int i = 0; i < 3; i++) log.note(refusal("agent", "coder", "parse"));
        assertEquals(3, log.missed());
        assertEquals(0, entries().size());
        log.settleAll();
        assertEquals(4, log.missed(), "and is not given up");

        store.mend();
        later(RefusalLog.WINDOW);
        log.settle();
        assertEquals(1, entries().size());
        assertEquals(3, total());
    }

    private void later(Duration time) {
        nanos += time.toNanos();
        now = now.plus(time);
    }

    private static WireRefusal refusal(String kind, String name, String fault) {
        var sender = new WireRefusal.Sender(kind, name, Optional.empty(), Optional.empty());
        return new WireRefusal("mcp", fault, sender, Optional.of("files"), "POST /mcp/{server}", Optional.empty());
    }

    private static WireRefusal session(String session) {
        var sender = new WireRefusal.Sender("agent", "coder", Optional.of(new SessionId(session)), Optional.empty());
        return new WireRefusal("mcp", "parse", sender, Optional.of("files"), "POST /mcp/{server}", Optional.empty());
    }

    private long total() throws IOException {
        return entries().stream()
                .mapToLong(entry -> entry.integer("count").orElseThrow())
                .sum();
    }

    private List<JsonObject> entries() throws IOException {
        return store.read(0, store.size()).stream()
                .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                .toList();
    }

    private static Sha256 digest(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
