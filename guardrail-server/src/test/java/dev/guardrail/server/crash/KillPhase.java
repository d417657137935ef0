package dev.guardrail.server.crash;

/// Where a kill found a call, or the undo of one.
enum KillPhase {
    /// The guard started, or went on with what the kill before it had left.
    RECOVERY,
    /// What the call was about to change was read; its intent was not durable.
    CAPTURE,
    /// Its intent was durable, and it had no effect yet.
    INTENT,
    /// It had its effect, and what it left was not read yet.
    RUN,
    /// What it left was read; its outcome was not durable.
    AFTER_LOOK,
    /// Its outcome was durable, and its agent was not told.
    OUTCOME,
    /// An undo was asked for, and no call was claimed at that moment.
    UNDO_LOOK,
    /// The call was claimed, and what takes it back had no effect yet.
    CLAIM,
    /// What takes it back had its effect; that was not durable here.
    COMPENSATION,
    /// It was settled as undone, and its operator was not told.
    SETTLED
}
