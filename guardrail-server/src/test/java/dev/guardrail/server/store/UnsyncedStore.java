package dev.guardrail.server.store;

import dev.guardrail.journal.LogId;
import java.io.IOException;
import java.nio.file.Path;

/// A planted bug: a store that acknowledges before its disk has synced. Only a power cut tells.
public final class UnsyncedStore {
    private UnsyncedStore() {}

    public static SqliteStore open(Path directory) throws IOException {
        // The file itself is made as it should be: what is lost is what was acknowledged later.
        SqliteStore.open(directory, LogId.EMBEDDED, System::nanoTime).close();
        var sound = Settings.DEFAULT;
        return SqliteStore.open(
                directory,
                LogId.EMBEDDED,
                System::nanoTime,
                new Settings("OFF", 0, sound.patience(), sound.maxPages(), sound.disk()));
    }
}
