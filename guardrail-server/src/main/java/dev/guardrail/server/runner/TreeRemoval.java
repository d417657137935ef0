package dev.guardrail.server.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFilePermissions;

/// Takes away a directory with all that is in it, by handles: whoever still writes there leads nobody out.
public final class TreeRemoval {
    private static final LinkOption NO_LINK = LinkOption.NOFOLLOW_LINKS;

    private TreeRemoval() {}

    /// @param directory whose own directory nobody else writes in; it may be gone already
    public static void remove(Path directory) throws IOException {
        Path name = directory.getFileName();
        Path parent = directory.getParent();
        if (name == null || parent == null) throw new IOException("the root is not removed");
        try (var above = ConfinedTree.secure(Files.newDirectoryStream(parent))) {
            if (ConfinedTree.attributes(above, name).isPresent()) remove(above, name);
        }
    }

    private static void remove(SecureDirectoryStream<Path> above, Path name) throws IOException {
        var found = ConfinedTree.attributes(above, name);
        if (found.isEmpty()) return;
        try {
            if (!found.get().isDirectory()) {
                above.deleteFile(name);
                return;
            }
            StateReader.view(above, name).setPermissions(PosixFilePermissions.fromString("rwx------"));
            try (var inside = ConfinedTree.secure(above.newDirectoryStream(name, NO_LINK))) {
                for (Path entry : inside) remove(inside, entry.getFileName());
            }
            above.deleteDirectory(name);
        } catch (NoSuchFileException gone) {
            // Somebody else was quicker.
            return;
        }
    }
}
