package dev.guardrail.server.console;

/// The page where one types a key.
///
/// @param next where it leads
/// @param error what was wrong; empty for nothing yet
public record SignIn(String next, String error) {}
