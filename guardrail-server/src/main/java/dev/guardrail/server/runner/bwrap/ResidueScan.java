package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Residue.Kind;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// One look at a directory that a sandbox writes in, for what others might trip over. What was there before the command
/// is found as well: only the difference counts.
final class ResidueScan extends SimpleFileVisitor<Path> {
    /// Most files that are looked at.
    private static final int MOST = 1_000_000;

    private static final int SET_ID = 06000;

    private final Path root;
    private final Path shown;
    private final List<Path> names;
    private final List<Path> readable;
    private final Set<Residue.Finding> findings = new LinkedHashSet<>();
    private int seen;
    private boolean complete = true;

    private ResidueScan(Path root, Path shown, List<Path> names, List<Path> readable) {
        this.root = root;
        this.shown = shown;
        this.names = names;
        this.readable = readable;
    }

    /// All that a sandbox writes in, one directory after the other.
    static Residue of(Profile profile, View view) throws IOException {
        var findings = new ArrayList<Residue.Finding>();
        boolean complete = true;
        for (int i = 0; i < view.written().size(); i++) {
            var found = of(
                    view.written().get(i),
                    view.shown().get(i),
                    profile.files().write().get(i),
                    view.read());
            complete &= found.complete();
            findings.addAll(found.findings());
        }
        return new Residue(findings, complete);
    }

    /// @param shown where the command sees it
    /// @param readable directories into which links may lead
    private static Residue of(Path root, Path shown, Profile.Write write, List<Path> readable) throws IOException {
        var scan = new ResidueScan(
                root, shown, write.protect().stream().map(Path::of).toList(), readable);
        Files.walkFileTree(root, scan);
        return new Residue(List.copyOf(scan.findings), scan.complete);
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
        if (!directory.equals(root)) look(directory, attributes);
        return going();
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        look(file, attributes);
        return going();
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException unread) {
        complete = false;
        return FileVisitResult.CONTINUE;
    }

    private FileVisitResult going() {
        if (++seen <= MOST) return FileVisitResult.CONTINUE;
        complete = false;
        return FileVisitResult.TERMINATE;
    }

    private void look(Path path, BasicFileAttributes attributes) throws IOException {
        Path below = root.relativize(path);
        for (Path name : names)
            if (below.endsWith(name) && below.getNameCount() > name.getNameCount()) found(path, Kind.PROTECTED_NAME);
        if (path.getFileName().toString().chars().anyMatch(ResidueScan::isHidden)) found(path, Kind.CONTROL_NAME);
        if (attributes.isSymbolicLink()) {
            if (leadsOut(path)) found(path, Kind.OUTWARD_LINK);
        } else if (attributes.isOther()) {
            found(path, Kind.SPECIAL);
        } else if (attributes.isRegularFile()
                && ((int) Files.getAttribute(path, "unix:mode", java.nio.file.LinkOption.NOFOLLOW_LINKS) & SET_ID)
                        != 0) {
            found(path, Kind.SET_ID);
        }
    }

    private void found(Path path, Kind kind) {
        findings.add(new Residue.Finding(shown.resolve(root.relativize(path)), kind));
    }

    private static boolean isHidden(int character) {
        int type = Character.getType(character);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }

    /// By its words: where it leads must not depend on what lies there today.
    private boolean leadsOut(Path link) throws IOException {
        Path target = shown.resolve(root.relativize(link))
                .resolveSibling(Files.readSymbolicLink(link))
                .normalize();
        return !target.startsWith(shown) && readable.stream().noneMatch(target::startsWith);
    }
}
