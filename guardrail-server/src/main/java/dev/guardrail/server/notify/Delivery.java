package dev.guardrail.server.notify;

import java.time.Duration;
import java.util.Optional;

/// What came of one attempt to deliver a notice. Reasons are words of ours: never an address, a secret or what the
/// receiver wrote.
public sealed interface Delivery {

    /// The receiver took it.
    record Delivered() implements Delivery {}

    /// The receiver refused it, and would again.
    record Refused(String why) implements Delivery {}

    /// Nobody knows, or the receiver wants to be asked later; another attempt may do.
    ///
    /// @param after how long the receiver asked to be left alone
    record Troubled(String why, Optional<Duration> after) implements Delivery {
        Troubled(String why) {
            this(why, Optional.empty());
        }
    }
}
