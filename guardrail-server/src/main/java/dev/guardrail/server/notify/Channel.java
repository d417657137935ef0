package dev.guardrail.server.notify;

/// One way to reach people. Safe for concurrent use.
@FunctionalInterface
public interface Channel {

    /// Makes one attempt; blocks until the receiver has answered or the connection failed.
    ///
    /// @throws InterruptedException where the attempt took too long, or the guard stops; nobody knows whether the
    ///     notice arrived
    Delivery deliver(Notice notice) throws InterruptedException;
}
