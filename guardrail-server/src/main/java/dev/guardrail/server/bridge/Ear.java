package dev.guardrail.server.bridge;

import dev.guardrail.base.JsonObject;
import java.net.http.HttpResponse;

/// Hears what the guard says to one message, in its order.
interface Ear {
    /// The response begins.
    default void opened(HttpResponse<?> response) {}

    /// @return true where this was the answer that was waited for
    boolean heard(JsonObject message);
}
