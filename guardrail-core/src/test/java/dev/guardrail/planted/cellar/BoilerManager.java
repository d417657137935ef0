package dev.guardrail.planted.cellar;

/// Planted: no such room, a name that is no noun, a package without null marks.
final class BoilerManager {}
