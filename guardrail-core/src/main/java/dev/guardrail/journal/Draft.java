package dev.guardrail.journal;

import java.util.ArrayList;
import java.util.List;

/// A batch in the making, for one commit. Not safe for concurrent use.
public final class Draft {
    private final List<Entry> entries = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<Body> bodies = new ArrayList<>();

    public Draft entry(Entry entry) {
        entries.add(entry);
        return this;
    }

    public Draft change(Change change) {
        changes.add(change);
        return this;
    }

    public Draft body(Body body) {
        bodies.add(body);
        return this;
    }

    Batch batch() {
        return new Batch(entries.stream().map(Entry::line).toList(), changes, bodies);
    }
}
