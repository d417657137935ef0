package dev.guardrail.pack;

/// A place in a file, both from 1; columns count code points.
public record Place(int line, int column) {
    static final Place START = new Place(1, 1);
}
