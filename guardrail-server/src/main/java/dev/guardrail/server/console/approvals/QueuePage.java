package dev.guardrail.server.console.approvals;

/// The page with the queue and nothing open.
public record QueuePage(Queue queue) {}
