package dev.guardrail.planted.server.console;

/// Planted: imports an adapter.
public final class Trespass {
    dev.guardrail.planted.server.store.Trespass room;
}
