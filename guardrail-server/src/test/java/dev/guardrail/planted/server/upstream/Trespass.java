package dev.guardrail.planted.server.upstream;

/// Planted: imports the adapter beside it.
public final class Trespass {
    dev.guardrail.planted.server.store.Trespass room;
}
