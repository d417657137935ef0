package dev.guardrail.sandbox;

import java.util.List;

/// What a command did to a view of a workspace, and would do to the workspace itself.
///
/// @param changes by place, each place once
public record Impact(List<Change> changes) {
    public Impact {
        changes = List.copyOf(changes);
    }

    /// How many files and links it makes, changes or deletes.
    public long files() {
        return changes.stream()
                .filter(change -> isFile(change.before()) || isFile(change.after()))
                .count();
    }

    /// How many bytes the files have that it makes or writes.
    public long bytes() {
        return changes.stream()
                .filter(change -> change.kind() != Change.Kind.MODE && change.kind() != Change.Kind.TOUCHED)
                .mapToLong(change -> change.after() instanceof Change.Entry.File file ? file.bytes() : 0)
                .sum();
    }

    /// How many files and links are gone, or have become something else.
    public long deleted() {
        return changes.stream()
                .filter(change -> isFile(change.before()) && !isFile(change.after()))
                .count();
    }

    private static boolean isFile(Change.Entry entry) {
        return switch (entry) {
            case Change.Entry.Nothing nothing -> false;
            case Change.Entry.Directory directory -> false;
            case Change.Entry.File file -> true;
            case Change.Entry.Link link -> true;
            case Change.Entry.Other other -> true;
        };
    }
}
