package dev.guardrail.server.runner;

import dev.guardrail.server.runner.ConfinedTree.Refused;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.List;

/// Handles from the root of a tree down to one directory; of one thread.
final class Walk implements Closeable {
    private final ConfinedTree tree;
    private final Path name;
    private SecureDirectoryStream<Path> end;

    /// @param name what is meant in the directory where it ends
    Walk(ConfinedTree tree, Path name) throws IOException {
        this.tree = tree;
        this.name = name;
        this.end = ConfinedTree.secure(tree.handle().newDirectoryStream(Path.of("."), LinkOption.NOFOLLOW_LINKS));
    }

    Path name() {
        return name;
    }

    /// The directory where it ends.
    SecureDirectoryStream<Path> end() {
        return end;
    }

    Walk through(List<String> names, boolean make) throws IOException {
        boolean done = false;
        try {
            for (String step : names) descend(Path.of(step), make);
            done = true;
            return this;
        } finally {
            if (!done) close();
        }
    }

    private void descend(Path step, boolean make) throws IOException {
        if (enters(step)) return;
        if (!make) throw new Refused("a directory on its way does not exist");
        create(step);
        if (!enters(step)) throw new Refused("a directory on its way does not exist");
    }

    /// True where there is a directory of the name.
    boolean canEnter(Path step) throws IOException {
        return ConfinedTree.attributes(end, step)
                .filter(java.nio.file.attribute.BasicFileAttributes::isDirectory)
                .isPresent();
    }

    /// Goes into a directory.
    ///
    /// @return false where there is nothing of the name
    boolean enters(Path step) throws IOException {
        var found = ConfinedTree.attributes(end, step);
        if (found.isEmpty()) return false;
        if (!found.get().isDirectory()) throw new Refused("something on its way is no directory");
        var next = ConfinedTree.secure(end.newDirectoryStream(step, LinkOption.NOFOLLOW_LINKS));
        end.close();
        end = next;
        return true;
    }

    /// Makes a directory in two steps, because there is no call that makes one by handle: an empty one below the
    /// root, whose path nobody within can change, then a rename by handles. A crash between leaves it there, empty.
    private void create(Path step) throws IOException {
        var made = tree.temporary();
        Files.createDirectory(tree.root().resolve(made));
        boolean done = false;
        try {
            tree.handle().move(made, end, step);
            done = true;
        } finally {
            if (!done) Files.deleteIfExists(tree.root().resolve(made));
        }
    }

    @Override
    public void close() throws IOException {
        end.close();
    }
}
