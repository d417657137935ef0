package dev.guardrail.planted.server.relay;

/// Planted: imports an adapter.
public final class Trespass {
    dev.guardrail.planted.server.store.Trespass room;
}
