package dev.guardrail.server.sheet;

/// A held call in a few lines of plain text, for a mail, a push message or a chat. What is left out is told, and how to
/// see it.
///
/// @param title one line
public record Notice(String title, String text) {
    /// Columns that a telephone shows.
    static final int WIDTH = 72;
}
