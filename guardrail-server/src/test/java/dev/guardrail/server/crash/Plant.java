package dev.guardrail.server.crash;

/// A bug planted on purpose, so that the harness shows that it can find it.
enum Plant {
    NONE,
    /// The effect happens before its intent is durable.
    EXECUTE_FIRST,
    /// The caller is told before the entry is durable.
    ACKNOWLEDGE_FIRST,
    /// A start runs again what was running.
    RERUN,
    /// The store tells before its disk has synced.
    UNSYNCED
}
