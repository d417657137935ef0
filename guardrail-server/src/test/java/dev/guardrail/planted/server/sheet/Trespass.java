package dev.guardrail.planted.server.sheet;

/// Planted: imports an adapter.
public final class Trespass {
    dev.guardrail.planted.server.store.Trespass room;
}
