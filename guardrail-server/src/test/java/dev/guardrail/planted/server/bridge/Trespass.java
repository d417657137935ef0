package dev.guardrail.planted.server.bridge;

/// Planted: imports the command line.
public final class Trespass {
    dev.guardrail.planted.server.cli.Trespass room;
}
