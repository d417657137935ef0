package dev.guardrail.server.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.function.IntSupplier;

/// How a [SqliteStore] treats its disk; tests turn it.
///
/// @param synchronous SQLite's level; anything but `FULL` loses acknowledged entries in a power cut
/// @param reserveBytes free space below which nothing is committed
/// @param patience longest that a commit waits before it counts as of unknown durability
/// @param maxPages most pages of the file, asked at each opening; 0 for SQLite's own limit
/// @param disk stands where the disk may fail
record Settings(String synchronous, long reserveBytes, Duration patience, IntSupplier maxPages, Disk disk) {
    static final Settings DEFAULT = new Settings("FULL", 16L << 20, Duration.ofSeconds(10), () -> 0, new Disk() {});

    /// What happens to a transaction beside SQLite's own doing: nothing, but in tests.
    interface Disk {
        default void beforeCommit() throws SQLException {}

        default void afterCommit() throws SQLException {}

        default void beforeOpening() throws SQLException {}
    }
}
