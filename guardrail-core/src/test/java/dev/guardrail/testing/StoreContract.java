package dev.guardrail.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Body;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [Store] promises, as tests; each store extends this. Longer than a class should be because the promise
/// is one.
@NullMarked
public abstract class StoreContract {
    private static final int RACERS = 64;

    private Store store;

    /// Opens the store of this test. Called again after the store was closed, it opens what that one left behind.
    protected abstract Store open() throws IOException;

    @BeforeEach
    void openStore() throws IOException {
        store = open();
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    private void restart() throws IOException {
        store.close();
        store = open();
    }

    // ---- entries

    @Test
    void an_empty_store_has_nothing() throws Exception {
        assertEquals(0, store.size());
        assertEquals(0, store.highWaterMillis());
        assertEquals(List.of(), store.read(0, 10));
        assertEquals(List.of(), store.leaves(0, 10));
        assertEquals(List.of(), store.search(Store.Query.ALL, Long.MAX_VALUE, 10));
        assertEquals(Optional.empty(), store.checkpoint());
        assertEquals(Optional.empty(), store.get(Kind.CALL, "call_1"));
        assertEquals(Optional.empty(), store.body("call_1/arguments"));
        assertTrue(store.writable());
    }

    @Test
    void entries_stand_one_after_the_other_in_the_order_of_the_batch() throws Exception {
        var first = store.commit(entries("a", "b"));
        var second = store.commit(entries("c"));

        assertEquals(new Receipt(store.log(), 0), first);
        assertEquals(new Receipt(store.log(), 2), second);
        assertEquals(3, store.size());
        assertEquals(List.of("a", "b", "c"), texts(store.read(0, 3)));
    }

    @Test
    void a_batch_without_entries_is_told_the_present_size() throws Exception {
        store.commit(entries("a"));

        assertEquals(1, store.commit(changes(put("call_1", 0, "x"))).seq());
        assertEquals(1, store.size());
    }

    @Test
    void a_range_is_cut_where_the_log_ends() throws Exception {
        store.commit(entries("a", "b", "c"));

        assertEquals(List.of("b"), texts(store.read(1, 2)));
        assertEquals(List.of("b", "c"), texts(store.read(1, 9)));
        assertEquals(List.of(), store.read(2, 2));
        assertEquals(List.of(), store.read(3, 9));
        assertEquals(2, store.leaves(1, 9).size());
        assertThrows(IllegalArgumentException.class, () -> store.read(-1, 2));
        assertThrows(IllegalArgumentException.class, () -> store.leaves(2, 1));
    }

    @Test
    void a_leaf_is_the_prefixed_digest_of_its_entry() throws Exception {
        store.commit(entries("a", "b"));

        assertEquals(List.of(leaf("a"), leaf("b")), store.leaves(0, 2));
    }

    @Test
    void entries_survive_byte_for_byte() throws Exception {
        byte[] bytes = new byte[Batch.ENTRY_BYTES];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) i;
        store.commit(new Batch(List.of(line(bytes, 0, "kind", "", "", "", "", "")), List.of(), List.of()));
        restart();

        assertArrayEquals(bytes, store.read(0, 1).getFirst());
    }

    // ---- search

    @Test
    void a_search_finds_what_equals_every_term_newest_first() throws Exception {
        store.commit(new Batch(
                List.of(
                        line("0", 5, "decided", "call_1", "ses_1", "ann", "fs.read", "allow"),
                        line("1", 6, "executed", "call_1", "ses_1", "ann", "fs.read", ""),
                        line("2", 7, "decided", "call_2", "ses_2", "ann", "fs.write", "deny"),
                        line("3", 8, "decided", "call_3", "ses_2", "bob", "fs.read", "deny")),
                List.of(),
                List.of()));

        assertEquals(List.of(3L, 2L, 1L, 0L), found(null, null, null, null, null, null));
        assertEquals(List.of(1L, 0L), found("call_1", null, null, null, null, null));
        assertEquals(List.of(3L, 2L), found(null, "ses_2", null, null, null, null));
        assertEquals(List.of(2L, 1L, 0L), found(null, null, "ann", null, null, null));
        assertEquals(List.of(1L, 0L), found(null, null, "ann", "fs.read", null, null));
        assertEquals(List.of(3L, 1L, 0L), found(null, null, null, "fs.read", null, null));
        assertEquals(List.of(3L, 2L), found(null, null, null, null, "deny", null));
        assertEquals(List.of(1L), found(null, null, null, null, null, "executed"));
        assertEquals(List.of(2L), found(null, "ses_2", "ann", "fs.write", "deny", "decided"));
        assertEquals(List.of(), found("call_1", "ses_2", null, null, null, null));
        assertEquals(List.of(), found("call_9", null, null, null, null, null));
    }

    @Test
    void a_search_pages_backwards() throws Exception {
        for (int i = 0; i < 7; i++)
            store.commit(new Batch(
                    List.of(line("" + i, i, "decided", "call_" + i, "ses_1", "ann", "fs.read", "allow")),
                    List.of(),
                    List.of()));
        var query = new Store.Query(null, "ses_1", null, null, null, null);

        List<Long> paged = new ArrayList<>();
        long before = Long.MAX_VALUE;
        while (true) {
            var page = store.search(query, before, 3);
            if (page.isEmpty()) break;
            page.forEach(found -> paged.add(found.seq()));
            before = page.getLast().seq();
        }

        assertEquals(List.of(6L, 5L, 4L, 3L, 2L, 1L, 0L), paged);
        assertEquals("2", text(store.search(query, 3, 1).getFirst().bytes()));
    }

    // ---- documents

    @Test
    void a_document_is_made_replaced_and_removed_by_its_version() throws Exception {
        store.commit(changes(put("call_1", 0, "first")));
        assertEquals(Optional.of(document("call_1", 1, "first")), store.get(Kind.CALL, "call_1"));

        store.commit(changes(put("call_1", 1, "second")));
        assertEquals(Optional.of(document("call_1", 2, "second")), store.get(Kind.CALL, "call_1"));

        store.commit(changes(new Change.Remove(Kind.CALL, "call_1", 2)));
        assertEquals(Optional.empty(), store.get(Kind.CALL, "call_1"));

        store.commit(changes(put("call_1", 0, "again")));
        assertEquals(Optional.of(document("call_1", 1, "again")), store.get(Kind.CALL, "call_1"));
    }

    @Test
    void a_document_of_another_version_is_a_conflict_and_nothing_is_written() throws Exception {
        store.commit(changes(put("call_1", 0, "first")));

        for (Change stale : List.of(
                put("call_1", 0, "x"),
                put("call_1", 2, "x"),
                put("call_2", 1, "x"),
                new Change.Expect(Kind.CALL, "call_1", 0),
                new Change.Expect(Kind.CALL, "call_2", 1),
                new Change.Remove(Kind.CALL, "call_1", 2),
                new Change.Remove(Kind.CALL, "call_2", 1))) {
            var batch = new Batch(
                    List.of(line("lost")),
                    List.of(put("call_3", 0, "lost"), stale),
                    List.of(new Body("call_3/arguments", bytes("lost"))));
            assertThrows(StoreConflict.class, () -> store.commit(batch), stale.toString());
        }

        assertEquals(0, store.size());
        assertEquals(Optional.empty(), store.get(Kind.CALL, "call_3"));
        assertEquals(Optional.empty(), store.body("call_3/arguments"));
        assertEquals(Optional.of(document("call_1", 1, "first")), store.get(Kind.CALL, "call_1"));
        store.commit(changes(put("call_1", 1, "second"), new Change.Expect(Kind.CALL, "call_2", 0)));
        assertEquals(2, store.get(Kind.CALL, "call_1").orElseThrow().version());
    }

    @Test
    void an_expected_document_stays_as_it_is() throws Exception {
        store.commit(changes(put("call_1", 0, "first")));
        store.commit(new Batch(List.of(line("a")), List.of(new Change.Expect(Kind.CALL, "call_1", 1)), List.of()));

        assertEquals(Optional.of(document("call_1", 1, "first")), store.get(Kind.CALL, "call_1"));
        assertEquals(1, store.size());
    }

    @Test
    void changes_of_one_batch_are_judged_one_after_the_other() throws Exception {
        store.commit(changes(
                put("call_1", 0, "first"),
                put("call_1", 1, "second"),
                new Change.Expect(Kind.CALL, "call_1", 2),
                put("call_2", 0, "gone"),
                new Change.Remove(Kind.CALL, "call_2", 1)));

        assertEquals(Optional.of(document("call_1", 2, "second")), store.get(Kind.CALL, "call_1"));
        assertEquals(Optional.empty(), store.get(Kind.CALL, "call_2"));
        assertThrows(StoreConflict.class, () -> store.commit(changes(put("call_3", 0, "a"), put("call_3", 0, "b"))));
        assertEquals(Optional.empty(), store.get(Kind.CALL, "call_3"));
    }

    @Test
    void kinds_are_apart() throws Exception {
        store.commit(changes(put("same", 0, "call")));
        store.commit(changes(new Change.Put(
                Kind.SESSION,
                "same",
                0,
                Document.Tags.NONE,
                JsonObject.with("of", "session").build())));

        assertEquals(
                "call",
                store.get(Kind.CALL, "same").orElseThrow().value().text("of").orElseThrow());
        assertEquals(
                "session",
                store.get(Kind.SESSION, "same").orElseThrow().value().text("of").orElseThrow());
        assertEquals(1, store.find(Kind.SESSION, Document.Tags.NONE, "", 10).size());
    }

    @Test
    void a_document_keeps_members_numbers_and_odd_texts_exactly() throws Exception {
        var value = JsonObject.with("z", "\u0000\u0001\"\\ \u20ac \ud83d\ude00")
                .with("a", Long.MIN_VALUE)
                .with("nested", JsonObject.with("empty", JsonObject.EMPTY).build())
                .build();
        String key = "tool.\u20ac \ud83d\ude00'; --";
        store.commit(changes(new Change.Put(Kind.TOOL, key, 0, new Document.Tags("s", "t", "d"), value)));
        restart();

        var kept = store.get(Kind.TOOL, key).orElseThrow();
        assertEquals(value.toString(), kept.value().toString());
        assertEquals(new Document.Tags("s", "t", "d"), kept.tags());
        assertEquals(key, kept.key());
    }

    @Test
    void documents_are_found_by_their_tags_in_order_of_key() throws Exception {
        store.commit(changes(
                put("c", 0, new Document.Tags("ses_1", "running", "d1")),
                put("a", 0, new Document.Tags("ses_1", "held", "d1")),
                put("d", 0, new Document.Tags("ses_2", "running", null)),
                put("b", 0, new Document.Tags("ses_1", "running", "d2")),
                put("\ue000", 0, Document.Tags.NONE),
                put("\ud83d\ude00", 0, Document.Tags.NONE)));

        assertEquals(List.of("a", "b", "c", "d", "\ue000", "\ud83d\ude00"), keys(null, null, null, "", 10));
        assertEquals(List.of("a", "b", "c"), keys("ses_1", null, null, "", 10));
        assertEquals(List.of("b", "c", "d"), keys(null, "running", null, "", 10));
        assertEquals(List.of("b", "c"), keys("ses_1", "running", null, "", 10));
        assertEquals(List.of("a", "c"), keys(null, null, "d1", "", 10));
        assertEquals(List.of("c"), keys("ses_1", "running", "d1", "", 10));
        assertEquals(List.of(), keys("ses_3", null, null, "", 10));
    }

    @Test
    void a_find_pages_by_key() throws Exception {
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            String key = "call_%02d".formatted(i);
            store.commit(changes(put(key, 0, new Document.Tags("ses_1", "running", null))));
            wanted.add(key);
        }

        List<String> paged = new ArrayList<>();
        String after = "";
        while (true) {
            var page = keys(null, "running", null, after, 10);
            if (page.isEmpty()) break;
            paged.addAll(page);
            after = page.getLast();
        }

        assertEquals(wanted, paged);
    }

    @Test
    void a_document_is_found_by_its_latest_tags_alone() throws Exception {
        store.commit(changes(put("call_1", 0, new Document.Tags("ses_1", "running", null))));
        store.commit(changes(put("call_1", 1, new Document.Tags("ses_1", "succeeded", null))));

        assertEquals(List.of(), keys(null, "running", null, "", 10));
        assertEquals(List.of("call_1"), keys(null, "succeeded", null, "", 10));
    }

    // ---- bodies, checkpoints, time

    @Test
    void a_body_comes_back_and_a_later_one_replaces_it() throws Exception {
        byte[] large = new byte[3_000_000];
        Arrays.fill(large, (byte) 7);
        store.commit(new Batch(List.of(), List.of(), List.of(new Body("b/1", large), new Body("b/2", new byte[0]))));
        assertArrayEquals(large, store.body("b/1").orElseThrow());
        assertArrayEquals(new byte[0], store.body("b/2").orElseThrow());

        store.commit(new Batch(List.of(), List.of(), List.of(new Body("b/1", bytes("small")))));
        assertArrayEquals(bytes("small"), store.body("b/1").orElseThrow());
        assertEquals(Optional.empty(), store.body("b/3"));
    }

    @Test
    void the_latest_checkpoint_is_kept_and_never_goes_back() throws Exception {
        store.commit(entries("a", "b", "c"));
        store.keepCheckpoint(1, bytes("one"));
        store.keepCheckpoint(3, bytes("three"));
        restart();

        assertArrayEquals(bytes("three"), store.checkpoint().orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> store.keepCheckpoint(2, bytes("two")));
        assertThrows(IllegalArgumentException.class, () -> store.keepCheckpoint(4, bytes("four")));
        assertArrayEquals(bytes("three"), store.checkpoint().orElseThrow());
    }

    @Test
    void the_high_water_mark_is_the_latest_time_of_any_entry() throws Exception {
        store.commit(new Batch(List.of(timed(50), timed(90), timed(70)), List.of(), List.of()));
        assertEquals(90, store.highWaterMillis());

        store.commit(new Batch(List.of(timed(10)), List.of(), List.of()));
        restart();
        assertEquals(90, store.highWaterMillis());
    }

    // ---- concurrency

    @Test
    void of_many_that_replace_one_version_exactly_one_wins() throws Exception {
        store.commit(changes(put("call_1", 0, "start")));
        for (int round = 1; round <= 10; round++) {
            int version = round;
            var outcomes = race(racer -> {
                try {
                    store.commit(new Batch(
                            List.of(line("r" + version + "/" + racer)),
                            List.of(put("call_1", version, "by " + racer)),
                            List.of()));
                    return true;
                } catch (StoreConflict lost) {
                    return false;
                }
            });

            assertEquals(1, outcomes.stream().filter(won -> won).count());
            assertEquals(round, store.size());
            var winner = "by " + outcomes.indexOf(true);
            assertEquals(Optional.of(document("call_1", version + 1, winner)), store.get(Kind.CALL, "call_1"));
        }
    }

    @Test
    void concurrent_batches_stay_whole_and_each_is_told_its_own_place() throws Exception {
        var receipts = race(racer -> {
            List<Long> places = new ArrayList<>();
            for (int i = 0; i < 20; i++)
                places.add(store.commit(entries(racer + "." + i + ".a", racer + "." + i + ".b"))
                        .seq());
            return places;
        });

        assertEquals(RACERS * 40, store.size());
        restart();
        var log = texts(store.read(0, store.size()));
        assertEquals(RACERS * 40, log.size());
        for (int racer = 0; racer < RACERS; racer++)
            for (int i = 0; i < 20; i++) {
                int place = Math.toIntExact(receipts.get(racer).get(i));
                assertEquals(racer + "." + i + ".a", log.get(place));
                assertEquals(racer + "." + i + ".b", log.get(place + 1));
                assertTrue(i == 0 || place > receipts.get(racer).get(i - 1));
            }
    }

    @Test
    void conflicting_and_sound_batches_do_not_disturb_each_other() throws Exception {
        var outcomes = race(racer -> {
            try {
                store.commit(new Batch(
                        List.of(line("e" + racer)), List.of(put("key_" + racer / 2, 0, "by " + racer)), List.of()));
                return true;
            } catch (StoreConflict lost) {
                return false;
            }
        });

        assertEquals(RACERS / 2, outcomes.stream().filter(won -> won).count());
        Set<String> wanted = new HashSet<>();
        for (int racer = 0; racer < RACERS; racer++) if (outcomes.get(racer)) wanted.add("e" + racer);
        assertEquals(wanted, new HashSet<>(texts(store.read(0, store.size()))));
        assertEquals(RACERS / 2, keys(null, null, null, "", RACERS).size());
    }

    @Test
    void a_reader_never_sees_half_a_batch_or_an_older_version() throws Exception {
        store.commit(changes(put("left", 0, "0"), put("right", 0, "0")));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writer = threads.submit(() -> {
                for (int i = 1; i <= 300; i++) store.commit(changes(put("left", i, "" + i), put("right", i, "" + i)));
                return true;
            });
            long seen = 0;
            while (!writer.isDone()) {
                long left = store.get(Kind.CALL, "left").orElseThrow().version();
                long right = store.get(Kind.CALL, "right").orElseThrow().version();
                assertTrue(left >= seen, "a version went back");
                assertTrue(right >= left, "read later, `right` cannot be older than `left`");
                seen = left;
            }
            assertTrue(writer.get());
        }
        assertEquals(301, store.get(Kind.CALL, "left").orElseThrow().version());
    }

    // ---- life

    @Test
    void everything_acknowledged_is_there_after_a_restart() throws Exception {
        store.commit(new Batch(
                List.of(line("a"), line("b")),
                List.of(put("call_1", 0, "x"), put("call_2", 0, "y")),
                List.of(new Body("call_1/arguments", bytes("sealed")))));
        store.commit(changes(new Change.Remove(Kind.CALL, "call_2", 1)));
        restart();

        assertEquals(2, store.size());
        assertEquals(List.of("a", "b"), texts(store.read(0, 2)));
        assertEquals(List.of(leaf("a"), leaf("b")), store.leaves(0, 2));
        assertEquals(Optional.of(document("call_1", 1, "x")), store.get(Kind.CALL, "call_1"));
        assertEquals(Optional.empty(), store.get(Kind.CALL, "call_2"));
        assertArrayEquals(bytes("sealed"), store.body("call_1/arguments").orElseThrow());
        assertEquals(2, store.commit(entries("c")).seq());
    }

    @Test
    void a_closed_store_refuses_and_closes_twice() throws Exception {
        store.commit(entries("a"));
        store.close();

        assertFalse(store.writable());
        assertThrows(IOException.class, () -> store.commit(entries("b")));
        assertThrows(IOException.class, () -> store.get(Kind.CALL, "call_1"));
        assertThrows(IOException.class, () -> store.read(0, 1));
        store.close();

        store = open();
        assertEquals(1, store.size());
    }

    // ---- ours

    private <T> List<T> race(Racer<T> racer) throws InterruptedException, ExecutionException {
        var start = new CyclicBarrier(RACERS);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < RACERS; i++) {
                int number = i;
                Callable<T> one = () -> {
                    start.await();
                    return racer.run(number);
                };
                running.add(threads.submit(one));
            }
            List<T> results = new ArrayList<>();
            for (var one : running) results.add(one.get());
            return results;
        }
    }

    private interface Racer<T> {
        T run(int number) throws Exception;
    }

    private List<Long> found(
            @Nullable String call,
            @Nullable String session,
            @Nullable String agent,
            @Nullable String tool,
            @Nullable String effect,
            @Nullable String kind)
            throws IOException {
        var query = new Store.Query(call, session, agent, tool, effect, kind);
        return store.search(query, Long.MAX_VALUE, 100).stream()
                .map(Store.Found::seq)
                .toList();
    }

    private List<String> keys(
            @Nullable String session, @Nullable String state, @Nullable String digest, String after, int limit)
            throws IOException {
        return store.find(Kind.CALL, new Document.Tags(session, state, digest), after, limit).stream()
                .map(Document::key)
                .toList();
    }

    private static Batch entries(String... texts) {
        return new Batch(Arrays.stream(texts).map(StoreContract::line).toList(), List.of(), List.of());
    }

    private static Batch changes(Change... changes) {
        return new Batch(List.of(), List.of(changes), List.of());
    }

    private static Change put(String key, long expected, String word) {
        return new Change.Put(Kind.CALL, key, expected, Document.Tags.NONE, value(word));
    }

    private static Change put(String key, long expected, Document.Tags tags) {
        return new Change.Put(Kind.CALL, key, expected, tags, value(key));
    }

    private static Document document(String key, long version, String word) {
        return new Document(Kind.CALL, key, version, Document.Tags.NONE, value(word));
    }

    private static JsonObject value(String word) {
        return JsonObject.with("of", word).build();
    }

    private static Batch.Line line(String text) {
        return line(text, 1, "decided", "", "", "", "", "");
    }

    private static Batch.Line timed(long atMillis) {
        return line("at " + atMillis, atMillis, "decided", "", "", "", "", "");
    }

    private static Batch.Line line(
            String text,
            long atMillis,
            String kind,
            String call,
            String session,
            String agent,
            String tool,
            String effect) {
        return line(bytes(text), atMillis, kind, call, session, agent, tool, effect);
    }

    private static Batch.Line line(
            byte[] bytes,
            long atMillis,
            String kind,
            String call,
            String session,
            String agent,
            String tool,
            String effect) {
        return new Batch.Line(bytes, new Batch.Terms(atMillis, kind, call, session, agent, tool, effect));
    }

    private static Sha256 leaf(String text) {
        return Sha256.of(new byte[] {0}, bytes(text));
    }

    private static List<String> texts(List<byte[]> entries) {
        return entries.stream().map(StoreContract::text).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
