package dev.guardrail.server.runner.sql;

import dev.guardrail.base.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// A database that holds rows.
public sealed interface Database {
    /// How long one thing that is asked of it may take.
    Duration PATIENCE = Duration.ofSeconds(5);

    /// A file of SQLite, which is there.
    ///
    /// @param file absolute
    record File(Path file, Ticker ticker) implements Database {}

    /// A database of PostgreSQL.
    ///
    /// @param url `jdbc:postgresql://HOST/NAME`
    /// @param password read for each connection
    record Server(String url, Optional<String> user, Supplier<Optional<String>> password) implements Database {}

    /// How to speak to it.
    default Dialect dialect() {
        return switch (this) {
            case File(Path file, Ticker ticker) -> new Sqlite(file, PATIENCE, ticker);
            case Server(String url, Optional<String> user, Supplier<Optional<String>> password) ->
                new Postgres(url, user, password, PATIENCE);
        };
    }
}
