package dev.guardrail.server.console.audit;

/// What a search's reader made of a text.
public sealed interface Reading permits Search, Misspelt {
    String text();
}
