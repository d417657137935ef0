package dev.guardrail.server.console.audit;

/// A text that is no search.
///
/// @param at where the fault is, an index in the text
/// @param what one sentence that says what to write instead
public record Misspelt(String text, int at, String what) implements Reading {
    /// What stands below the text to point at the fault.
    public String caret() {
        return " ".repeat(text.codePointCount(0, at)) + "^";
    }
}
