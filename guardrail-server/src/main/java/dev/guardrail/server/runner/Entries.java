package dev.guardrail.server.runner;

import dev.guardrail.base.Sha256;
import dev.guardrail.sandbox.Change.Entry;
import java.util.Optional;

/// What the room `sandbox` calls what stands at a place.
final class Entries {
    private Entries() {}

    /// @param state empty where it could not be read, or is nothing that can be put anywhere
    static Entry of(Optional<FileState> state) {
        return state.map(Entries::of).orElseGet(() -> new Entry.Other("cannot be committed"));
    }

    private static Entry of(FileState state) {
        return switch (state) {
            case FileState.Absent absent -> new Entry.Nothing();
            case FileState.Regular(
                    FileState.Access access,
                    java.time.Instant modified,
                    long bytes,
                    FileState.Content.Digest(Sha256 digest)) -> new Entry.File(access.mode(), bytes, modified, digest);
            case FileState.Regular whole -> new Entry.Other("is kept as a whole");
            case FileState.Link(String text) -> new Entry.Link(text);
            case FileState.Directory(FileState.Access access) -> new Entry.Directory(access.mode());
            case FileState.Tree(FileState.Access access, long entries, Sha256 listing) ->
                new Entry.Directory(access.mode());
        };
    }
}
