package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.relay.Line;
import org.jspecify.annotations.Nullable;

/// How a client introduced itself, kept so that its session can be opened anew where the server forgot it.
final class Hello {
    private final JsonObject params;
    private final Line standing;
    private volatile boolean listening;
    private volatile boolean initialized;
    private volatile @Nullable JsonObject greeting;

    /// @param params of its `initialize`
    /// @param standing takes what the server says unasked
    Hello(JsonObject params, Line standing) {
        this.params = params;
        this.standing = standing;
    }

    JsonObject params() {
        return params;
    }

    Line standing() {
        return standing;
    }

    /// True once the client has said that it uses the session; a session opened anew is told at once.
    boolean isInitialized() {
        return initialized;
    }

    void initialized() {
        initialized = true;
    }

    boolean isListening() {
        return listening;
    }

    void listens(boolean now) {
        listening = now;
    }

    /// The server's latest answer; null before the first.
    @Nullable
    JsonObject greeting() {
        return greeting;
    }

    void greeted(JsonObject result) {
        greeting = result;
    }
}
