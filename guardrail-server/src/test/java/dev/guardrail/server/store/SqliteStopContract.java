package dev.guardrail.server.store;

import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Store;
import dev.guardrail.testing.StopContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/// Stops on the embedded store.
class SqliteStopContract extends StopContract {
    @TempDir
    private Path directory;

    private int opened;

    @Override
    protected Store open() throws IOException {
        return SqliteStore.open(directory.resolve("data" + opened++), LogId.EMBEDDED, System::nanoTime);
    }
}
