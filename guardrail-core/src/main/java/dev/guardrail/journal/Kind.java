package dev.guardrail.journal;

/// What a document projects: the present state of something that the log tells the history of.
public enum Kind {
    /// A call ([CallRecord]), by its id.
    CALL,
    /// A session's facts, by its id.
    SESSION,
    /// A session or credential token, by the digest of its secret.
    TOKEN,
    /// An approval ticket, by its id.
    TICKET,
    /// A standing grant, by its id.
    GRANT,
    /// A made-up request that tests approvers, by its id: of a kind of its own, so that nobody finds it as a ticket.
    CANARY,
    /// What an identical call of the same session would repeat: a pending hold, a person's denial, a call in doubt.
    REPEAT,
    /// A client's `Idempotency-Key`, by digest of credential and key.
    IDEMPOTENCY,
    /// A pinned tool definition, by `server.name`.
    TOOL,
    /// An operator's stop, by its id; and one more whose version changes with every stop and every lifting.
    STOP,
    /// A search of the log that an operator keeps by name, by its id.
    SEARCH,
    /// One-off facts of the store: format, boot, high-water mark.
    META
}
