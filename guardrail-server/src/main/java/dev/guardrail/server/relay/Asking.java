package dev.guardrail.server.relay;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pipeline.Errand;
import dev.guardrail.pipeline.Outcome;
import java.util.concurrent.CompletableFuture;

/// A server's request to the client that is decided before the client sees it; running it is asking the client.
@FunctionalInterface
public interface Asking extends Errand {

    /// Asks the client and waits.
    ///
    /// @param params as decided
    /// @param left completes where nobody waits for the answer any more, or where it is stopped
    Outcome ask(JsonObject params, CompletableFuture<String> left) throws InterruptedException;
}
