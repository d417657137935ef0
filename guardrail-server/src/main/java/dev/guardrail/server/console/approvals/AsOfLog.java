package dev.guardrail.server.console.approvals;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Something that is another only once the log has grown: worked out once for each size of it. Safe for concurrent use;
/// two that ask at once may both work it out.
final class AsOfLog<T> {
    private final LongSupplier size;
    private final Supplier<T> made;
    private volatile @Nullable Known<T> known;

    private record Known<T>(long size, T value) {}

    /// @param size of the log
    AsOfLog(LongSupplier size, Supplier<T> made) {
        this.size = size;
        this.made = made;
    }

    T get() {
        // Read first: what is made holds that much at least, and is made again for the next entry.
        long now = size.getAsLong();
        Known<T> last = known;
        if (last != null && last.size() == now) return last.value();
        T value = made.get();
        known = new Known<>(now, value);
        return value;
    }
}
