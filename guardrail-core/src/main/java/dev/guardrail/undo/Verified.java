package dev.guardrail.undo;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import java.io.Closeable;
import java.io.IOException;

/// A compensator of somebody else's, held to what it says as far as that can be seen: every state has a version, and
/// what was put back is looked at once more.
///
/// @param inner it
/// @param behind what it runs on, closed after it
public record Verified(Compensator inner, Closeable behind) implements Compensator {

    @Override
    public JsonObject target() {
        return inner.target();
    }

    @Override
    public Look look(JsonObject target, PathFacts paths) throws IOException {
        return versioned(inner.look(target, paths));
    }

    @Override
    public Look again(JsonObject target, JsonObject before, boolean left, PathFacts paths) throws IOException {
        return versioned(inner.again(target, before, left, paths));
    }

    private static Look versioned(Look look) throws IOException {
        if (look instanceof Look.Seen(var state, String version, var touches) && version.isBlank())
            throw new IOException("a state without a version");
        return look;
    }

    /// A crash in here leaves what the compensator leaves.
    @Override
    public Restored restore(JsonObject target, JsonObject state, String expect, CallId by, PathFacts paths)
            throws IOException {
        Restored restored = inner.restore(target, state, expect, by, paths);
        if (restored instanceof Restored.Done && !isThere(target, state, paths)) throw new NotThere();
        return restored;
    }

    private boolean isThere(JsonObject target, JsonObject wanted, PathFacts paths) throws IOException {
        return again(target, wanted, false, paths) instanceof Look.Seen(var state, var version, var touches)
                && Sha256.of(state).equals(Sha256.of(wanted));
    }

    /// A state is said to be put back, and another one is there.
    static final class NotThere extends IOException {
        private static final long serialVersionUID = 1L;

        NotThere() {
            super("a state is said to be put back, and another one is there");
        }
    }

    @Override
    public void close() throws IOException {
        try (behind) {
            inner.close();
        }
    }
}
