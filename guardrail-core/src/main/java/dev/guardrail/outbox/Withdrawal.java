package dev.guardrail.outbox;

import dev.guardrail.journal.CallRecord;

/// What came of taking a queued call back.
public sealed interface Withdrawal {
    /// The call as it stands.
    CallRecord call();

    /// It will not run.
    record Done(CallRecord call) implements Withdrawal {}

    /// It is not in the outbox: it runs, has run, or ended otherwise before.
    record TooLate(CallRecord call) implements Withdrawal {}
}
