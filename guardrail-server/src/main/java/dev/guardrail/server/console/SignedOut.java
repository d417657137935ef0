package dev.guardrail.server.console;

/// The page for whoever has signed out here, and is still signed in at the identity provider.
///
/// @param host of the provider
/// @param address where one signs out there
public record SignedOut(String host, String address) {}
