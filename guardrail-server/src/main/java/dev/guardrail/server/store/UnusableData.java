package dev.guardrail.server.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A data directory or a backup that cannot be used as it is; the message says what to do about it.
public final class UnusableData extends IOException {
    private static final long serialVersionUID = 1L;

    public UnusableData(String message) {
        super(message);
    }

    public UnusableData(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
