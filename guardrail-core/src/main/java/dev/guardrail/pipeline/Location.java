package dev.guardrail.pipeline;

import dev.guardrail.base.Printable;

/// A place in a tool's definition, as findings and differences name it: `inputSchema.properties.path.description`.
/// Names that a server chose are shown printable and shortened.
///
/// @param text empty for the definition itself
record Location(String text) {
    static final Location WHOLE = new Location("");

    /// Longest part of a name that is shown, in code points.
    private static final int SHOWN = 60;

    Location member(String name) {
        String shown = Printable.text(name, SHOWN);
        return new Location(text.isEmpty() ? shown : text + '.' + shown);
    }

    Location item(int index) {
        return new Location(text + '.' + index);
    }

    @Override
    public String toString() {
        return text;
    }
}
