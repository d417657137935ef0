package dev.guardrail.server.relay;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.InboundToken;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The upstreams as the MCP door sees them: what needs no decision, or has had one, passes here. Safe for concurrent
/// use.
public interface Relay {

    /// Opens a session upstream for a client's connection.
    ///
    /// @param hello the client's `initialize` params; they are used again where the session has to be opened anew
    /// @param standing takes what the server says unasked
    /// @return the server's greeting
    Answer open(String server, String connection, JsonObject hello, Line standing, Optional<InboundToken> token);

    /// What a server says to requests of the second era, where it does not speak it.
    ///
    /// @return empty where it speaks it, or cannot be reached now
    Optional<Answer.Failure> stranger(String server, Optional<InboundToken> token);

    /// Passes a request on and waits for its answer.
    Answer ask(String server, Passing passing);

    /// Passes a notification of the client's on.
    void tell(String server, String connection, String method, JsonObject params);

    /// Begins to hear what the server says unasked.
    void listen(String server, String connection);

    /// Hears that no longer: its client has stopped listening. What is said from here on waits for the next time, as
    /// far
    /// as the server keeps it.
    void deafen(String server, String connection);

    /// A request that passes.
    ///
    /// @param params as they came
    /// @param headers mirrored parameters that nobody here knows; they are passed on
    /// @param left completes where the client takes the request back
    /// @param timeout longest silence before it is given up
    record Passing(
            Way way,
            String method,
            JsonObject params,
            Map<String, String> headers,
            Line line,
            CompletableFuture<String> left,
            Duration timeout,
            Optional<InboundToken> token) {}
}
