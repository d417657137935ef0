package dev.guardrail.testing;

import dev.guardrail.journal.Heads;
import java.util.Optional;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// [Heads] in memory, for tests.
@NullMarked
public final class MemoryHeads implements Heads {
    private byte @Nullable [] note;

    @Override
    public synchronized Optional<byte[]> last() {
        return Optional.ofNullable(note).map(byte[]::clone);
    }

    @Override
    public synchronized void keep(byte[] next) {
        note = next.clone();
    }
}
