package dev.guardrail.planted.server.door;

/// Planted: imports a door.
public final class Trespass {
    dev.guardrail.planted.server.door.mcp.Trespass room;
}
