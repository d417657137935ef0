package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.guardrail.undo.Unfit;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;

/// What a snapshot names: bytes that it holds itself, and objects of the repository.
final class Objects {
    private final Git git;
    private final Snapshot snapshot;

    Objects(Git git, Snapshot snapshot) {
        this.git = git;
        this.snapshot = snapshot;
    }

    /// @throws Unfit where an object was removed from the repository
    void refuseMissing() throws IOException {
        var named = new TreeSet<String>();
        if (!Snapshot.isLink(snapshot.head())) named.add(snapshot.head());
        snapshot.refs().values().stream().filter(ref -> !Snapshot.isLink(ref)).forEach(named::add);
        snapshot.index().stream().filter(entry -> !entry.intended()).forEach(entry -> named.add(entry.oid()));
        named.addAll(stashed());
        snapshot.items().values().stream()
                .filter(item -> !item.isFolder() && !snapshot.contents().containsKey(item.oid()))
                .forEach(item -> named.add(item.oid()));
        if (named.isEmpty()) return;
        byte[] said = git.ask(lines(List.copyOf(named)), "cat-file", "--batch-check");
        if (new String(said, US_ASCII).lines().anyMatch(line -> line.endsWith(" missing")))
            throw new Unfit("what was there is not in the repository any more");
    }

    /// Commits that the log of the stash names: second in each line.
    private List<String> stashed() {
        byte[] log = snapshot.records().get("logs/refs/stash");
        if (log == null) return List.of();
        return new String(log, US_ASCII)
                .lines()
                .map(line -> line.split(" ", 3))
                .filter(parts -> parts.length == 3)
                .map(parts -> parts[1])
                .toList();
    }

    byte[] bytes(String oid) throws IOException {
        byte[] held = snapshot.contents().get(oid);
        return held != null ? held : git.ask(new byte[0], "cat-file", "blob", oid);
    }

    static byte[] lines(List<String> texts) {
        return (String.join("\n", texts) + "\n").getBytes(US_ASCII);
    }
}
