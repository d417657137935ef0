package dev.guardrail.server.upstream;

import dev.guardrail.call.InboundToken;
import dev.guardrail.server.relay.Era;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Carries JSON-RPC messages to one server; what comes back goes to an [Inbox]. Safe for concurrent use; only
/// [#settle] and [#awaitClosed] wait for the server.
interface Wire {

    /// Begins to carry, once, after the inbox knows the wire.
    void start();

    /// Hands a message over. What becomes of a request, the inbox hears.
    void send(Parcel parcel);

    /// Takes a request back.
    ///
    /// @return true where nothing of it has left, and now never will
    boolean withdraw(String id);

    /// Gives up waiting for the answer to a request, and frees what waiting holds.
    void abandon(String id);

    /// Waits, for a while at most, until notices handed over before are with the server: what follows comes after
    /// them.
    void settle(Duration atMost) throws InterruptedException;

    /// Says for whom what follows is sent, where the wire has a credential for each.
    default void speakFor(Optional<InboundToken> subject) {}

    /// Says what initialization agreed on.
    void agreed(String protocolVersion);

    /// Listens for what the server says unasked, where the wire has a channel for that.
    void listen();

    /// Listens no longer, where there is a channel of its own for that.
    void deafen();

    boolean isOpen();

    /// True where the server no longer knows the session.
    default boolean isExpired() {
        return false;
    }

    /// Begins to end the connection, politely and then by force. Ending twice is ending once.
    void close();

    /// Waits for the end that [#close] began, no longer than it takes by force.
    void awaitClosed() throws InterruptedException;

    /// True where a request of the second era is taken back by closing its stream, and by no word.
    boolean closesToCancel();

    /// One message.
    ///
    /// @param id of a request; null for notifications and replies
    /// @param headers that go with it, where the wire has headers
    /// @param era of the message; a modern one belongs to no session
    record Parcel(@Nullable String id, byte[] json, Map<String, String> headers, Era era) {
        Parcel(@Nullable String id, byte[] json) {
            this(id, json, Map.of(), Era.LEGACY);
        }
    }

    /// Why a request will not be answered.
    enum Fault {
        /// Nothing of it left.
        UNSENT,
        /// The server refused it unread.
        REFUSED,
        /// The server refused it unread because it no longer knows the session.
        EXPIRED,
        /// The server refused it, and the session with it or the request alone; whether unread is not known.
        DOUBTED,
        /// It left, and the answer did not come or cannot be used.
        BROKEN
    }
}
