package dev.guardrail.server.console;

/// The page that a link leads to.
///
/// @param name of the operator whom it signs in
public record Entry(String link, String name) {
    /// The link is a secret.
    @Override
    public String toString() {
        return "Entry[" + name + "]";
    }
}
