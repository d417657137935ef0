package dev.guardrail.server.store;

import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Store;
import dev.guardrail.testing.StoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreContract extends StoreContract {
    @TempDir
    private Path directory;

    @Override
    protected Store open() throws IOException {
        return SqliteStore.open(directory.resolve("data"), LogId.EMBEDDED, System::nanoTime);
    }
}
