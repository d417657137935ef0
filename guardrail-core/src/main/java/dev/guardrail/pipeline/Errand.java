package dev.guardrail.pipeline;

/// What a door hands to whoever runs the call, beside the call itself. The path passes it on unread.
public interface Errand {}
