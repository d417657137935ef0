package dev.guardrail.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.StoreConflict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the store does when its disk does not: refuses within a second, loses nothing it acknowledged, and goes on by
/// itself.
@Timeout(120)
class SqliteFaultSpec {
    private static final Duration PROMPTLY = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private final AtomicInteger maxPages = new AtomicInteger();
    private final Rough disk = new Rough();

    @Test
    void a_full_file_refuses_and_goes_on_once_there_is_room() throws Exception {
        maxPages.set(200);
        try (var store = open(0)) {
            long acknowledged = 0;
            IOException full = null;
            while (full == null) {
                try {
                    store.commit(entry("e" + acknowledged, 4_000));
                    acknowledged++;
                } catch (IOException refused) {
                    full = refused;
                }
            }
            assertTrue(full.getMessage().contains("no space is left"), full.getMessage());
            assertTrue(acknowledged > 20, "it wrote " + acknowledged);
            await(PROMPTLY, () -> !store.writable());
            assertThrows(IOException.class, () -> store.commit(entry("refused", 4_000)));
            assertEquals(acknowledged, store.read(0, Long.MAX_VALUE).size());

            maxPages.set(0);
            await(SOON, store::writable);
            assertEquals(acknowledged, store.size());
            assertEquals(acknowledged, store.commit(entry("after", 4_000)).seq());
        }
    }

    @Test
    void a_full_disk_refuses_and_goes_on_once_there_is_room() throws Exception {
        try (var mounted = Tmpfs.mount(directory, 4);
                var store = open(0)) {
            Path filler = mounted.path().resolve("filler");
            fill(filler);
            long acknowledged = 0;
            IOException full = null;
            while (full == null) {
                try {
                    store.commit(entry("e" + acknowledged, 8_000));
                    acknowledged++;
                } catch (IOException refused) {
                    full = refused;
                }
            }
            await(PROMPTLY, () -> !store.writable());

            Files.delete(filler);
            await(SOON, store::writable);
            assertEquals(acknowledged, store.size());
            assertEquals(acknowledged, store.commit(entry("after", 8_000)).seq());
        }
    }

    @Test
    void a_disk_that_fills_while_nothing_is_written_shows_within_a_second() throws Exception {
        try (var mounted = Tmpfs.mount(directory, 4);
                var store = open(1 << 20)) {
            assertTrue(store.writable());
            Path filler = mounted.path().resolve("filler");
            fill(filler);
            await(PROMPTLY, () -> !store.writable());
            var refused = assertThrows(IOException.class, () -> store.commit(entry("refused", 10)));
            assertTrue(refused.getMessage().contains("make room"), refused.getMessage());

            Files.delete(filler);
            await(PROMPTLY, store::writable);
            assertEquals(0, store.commit(entry("after", 10)).seq());
        }
    }

    @Test
    void a_failed_sync_fails_all_who_wait_and_later_ones_until_the_file_is_opened_anew() throws Exception {
        try (var store = open(0)) {
            store.commit(entry("before", 10));
            disk.closed = new CountDownLatch(1);
            disk.opening = new SQLException("the disk is still broken");
            List<Future<Object>> waiting = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 20; i++) {
                    String name = "lost" + i;
                    waiting.add(threads.submit(() -> {
                        try {
                            return store.commit(entry(name, 10));
                        } catch (IOException unknown) {
                            return unknown;
                        }
                    }));
                }
                await(PROMPTLY, () -> disk.waiting);
                disk.before = new SQLException("[SQLITE_IOERR_FSYNC] the disk failed");
                disk.closed.countDown();
                for (var each : waiting) assertInstanceOf(IOException.class, each.get());
            }
            assertFalse(store.writable());
            assertThrows(IOException.class, () -> store.commit(entry("refused", 10)));

            disk.before = null;
            disk.opening = null;
            await(SOON, store::writable);
            assertEquals(1, store.size());
            assertEquals(1, store.commit(entry("after", 10)).seq());
        }
    }

    @Test
    void a_commit_that_became_durable_after_all_is_there_when_the_file_is_opened_anew() throws Exception {
        try (var store = open(0)) {
            store.commit(put("call_1", 0));
            disk.after = new SQLException("[SQLITE_IOERR_FSYNC] the disk failed after it had written");
            assertThrows(IOException.class, () -> store.commit(put("call_1", 1)));

            disk.after = null;
            await(SOON, store::writable);
            assertEquals(2, store.get(Kind.CALL, "call_1").orElseThrow().version());
            assertThrows(StoreConflict.class, () -> store.commit(put("call_1", 1)));
            store.commit(put("call_1", 2));
        }
    }

    @Test
    void a_write_that_hangs_shows_within_a_second_and_lets_nobody_wait_for_ever() throws Exception {
        try (var store = open(0)) {
            store.commit(entry("before", 10));
            disk.closed = new CountDownLatch(1);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var hung = threads.submit(() -> assertThrows(IOException.class, () -> store.commit(entry("hung", 10))));
                await(PROMPTLY, () -> disk.waiting);
                await(PROMPTLY, () -> !store.writable());
                assertTrue(
                        hung.get().getMessage().contains("takes longer"),
                        hung.get().getMessage());
                assertThrows(IOException.class, () -> store.commit(entry("refused", 10)));
            }
            assertEquals(1, store.read(0, 10).size());

            disk.closed.countDown();
            await(SOON, store::writable);
            assertEquals(2, store.size());
            assertEquals(2, store.commit(entry("after", 10)).seq());
        }
    }

    @Test
    void a_file_that_is_moved_away_shows_within_a_second_and_may_come_back() throws Exception {
        try (var store = open(0)) {
            store.commit(entry("before", 10));
            Path file = directory.resolve("data/journal.db");
            Path away = directory.resolve("away.db");
            Files.move(file, away);
            await(PROMPTLY, () -> !store.writable());
            var refused = assertThrows(IOException.class, () -> store.commit(entry("refused", 10)));
            assertTrue(refused.getMessage().contains("removed or replaced"), refused.getMessage());

            Files.move(away, file);
            await(SOON, store::writable);
            assertEquals(1, store.commit(entry("after", 10)).seq());
        }
    }

    @Test
    void nothing_acknowledged_is_lost_and_nothing_is_written_twice_on_a_disk_that_fails_at_random() throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        Set<String> refused = ConcurrentHashMap.newKeySet();
        var chance = new Random(7);
        try (var store = open(0)) {
            disk.chance = chance;
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int writer = 0; writer < 32; writer++) {
                    int number = writer;
                    threads.submit(() -> {
                        for (int i = 0; i < 60; i++) {
                            String name = number + "." + i;
                            await(SOON, store::writable);
                            try {
                                store.commit(entry(name, 20));
                                acknowledged.add(name);
                            } catch (IOException unknown) {
                                refused.add(name);
                            }
                        }
                        return true;
                    });
                }
            }
        }
        disk.chance = null;
        assertTrue(acknowledged.size() > 100, acknowledged.size() + " acknowledged");
        assertTrue(refused.size() > 100, refused.size() + " refused");

        Map<String, Integer> found = new HashMap<>();
        try (var store = open(0)) {
            for (byte[] entry : store.read(0, Long.MAX_VALUE))
                found.merge(new String(entry, StandardCharsets.UTF_8).strip(), 1, Integer::sum);
        }
        Set<String> lost = new HashSet<>(acknowledged);
        lost.removeAll(found.keySet());
        assertEquals(Set.of(), lost);
        assertEquals(Set.of(1), new HashSet<>(found.values()));
        long unknown = found.keySet().stream().filter(refused::contains).count();
        assertTrue(unknown > 0, "some became durable though the commit failed");
        assertEquals(found.size(), acknowledged.size() + unknown);
    }

    private SqliteStore open(long reserveBytes) throws IOException {
        return SqliteStore.open(
                directory.resolve("data"),
                LogId.EMBEDDED,
                System::nanoTime,
                new Settings("FULL", reserveBytes, Duration.ofSeconds(2), maxPages::get, disk));
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            while (true) out.write(new byte[16 << 10]);
        } catch (IOException full) {
            assertTrue(Files.size(file) > 0);
        }
    }

    private static Batch entry(String name, int bytes) {
        byte[] padded =
                name.concat(" ".repeat(Math.max(0, bytes - name.length()))).getBytes(StandardCharsets.UTF_8);
        return new Batch(
                List.of(new Batch.Line(
                        padded, new Batch.Terms(1, "decided", name, "ses_1", "ann", "fs.read", "allow"))),
                List.of(),
                List.of());
    }

    private static Batch put(String key, long expected) {
        return new Batch(
                List.of(),
                List.of(new Change.Put(Kind.CALL, key, expected, Document.Tags.NONE, JsonObject.EMPTY)),
                List.of());
    }

    private static void await(Duration longest, BooleanSupplier condition) {
        long deadline = System.nanoTime() + longest.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "waited " + longest);
            LockSupport.parkNanos(2_000_000);
        }
    }

    /// A disk that fails when told to.
    private static final class Rough implements Settings.Disk {
        volatile SQLException before;
        volatile SQLException after;
        volatile SQLException opening;
        volatile CountDownLatch closed = new CountDownLatch(0);
        volatile boolean waiting;
        volatile Random chance;

        @Override
        public void beforeCommit() throws SQLException {
            waiting = true;
            try {
                closed.await();
            } catch (InterruptedException unexpected) {
                throw new SQLException(unexpected);
            }
            waiting = false;
            if (before != null) throw new SQLException(before.getMessage());
            if (chance != null && chance.nextInt(6) == 0) throw new SQLException("before, by chance");
        }

        @Override
        public void afterCommit() throws SQLException {
            if (after != null) throw new SQLException(after.getMessage());
            if (chance != null && chance.nextInt(6) == 0) throw new SQLException("after, by chance");
        }

        @Override
        public void beforeOpening() throws SQLException {
            if (opening != null) throw new SQLException(opening.getMessage());
        }
    }

    /// A file system of a few megabytes, where this machine lets us mount one.
    private record Tmpfs(Path path) implements AutoCloseable {
        static Tmpfs mount(Path directory, int megabytes) throws Exception {
            Path data = Files.createDirectory(directory.resolve("data"));
            int exit = run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + megabytes + "m", "tmpfs", data.toString());
            assumeTrue(exit == 0, "a tmpfs can be mounted only by root");
            return new Tmpfs(data);
        }

        @Override
        public void close() throws Exception {
            assertEquals(0, run("umount", path.toString()));
        }

        private static int run(String... command) throws Exception {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }
}
