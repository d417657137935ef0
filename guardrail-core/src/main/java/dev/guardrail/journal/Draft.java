package dev.guardrail.journal;

import java.util.ArrayList;
import java.util.List;

/// A batch in the making, for one commit. Not safe for concurrent use.
public final class Draft {
    private final List<Entry> entries = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<Body> bodies = new ArrayList<>();
    private final List<Runnable> afterwards = new ArrayList<>();
    private final List<Runnable> announcements = new ArrayList<>();

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

    /// Adds all of another draft, which is not committed by itself then.
    public Draft include(Draft other) {
        entries.addAll(other.entries);
        changes.addAll(other.changes);
        bodies.addAll(other.bodies);
        afterwards.addAll(other.afterwards);
        announcements.addAll(other.announcements);
        return this;
    }

    /// Takes notice, in memory, of what is durable now: runs once [Journal#commit] has succeeded, in the committing
    /// thread, and never where it has not. It neither blocks nor throws.
    public Draft afterwards(Runnable notice) {
        afterwards.add(notice);
        return this;
    }

    /// Tells others of what is durable now: runs once all notices were taken, in one thread for all, so that whoever
    /// committed goes on without waking each of them. It neither blocks nor throws.
    public Draft announce(Runnable announcement) {
        announcements.add(announcement);
        return this;
    }

    void committed() {
        afterwards.forEach(Runnable::run);
        if (announcements.isEmpty()) return;
        var all = List.copyOf(announcements);
        Thread.ofVirtual().name("journal-announcements").start(() -> all.forEach(Runnable::run));
    }

    Batch batch() {
        return new Batch(entries.stream().map(Entry::line).toList(), changes, bodies);
    }
}
