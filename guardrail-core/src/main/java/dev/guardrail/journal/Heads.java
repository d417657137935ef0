package dev.guardrail.journal;

import java.io.IOException;
import java.util.Optional;

/// Where the last signed head is kept beside the store, so that a store set back to an older state is noticed: best on
/// another disk, with other backups. Safe for concurrent use.
public interface Heads {
    /// @return the signed note kept last; empty where none ever was
    Optional<byte[]> last() throws IOException;

    /// Keeps a signed note instead of the last one. When it returns, the note survives a crash of process and machine;
    /// a crash before leaves the old one or the new one.
    void keep(byte[] note) throws IOException;
}
