package dev.guardrail.server.runner;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.ToolName;
import dev.guardrail.undo.Compensator;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What takes files back, asked as a hook asks it: paths resolved first.
final class FilesRig implements Closeable {
    private static final ToolName LOOK = new ToolName("workspace", ToolName.LOOK);

    private final Path root;
    private final Workspace workspace;
    private final Compensator files;
    private final HostPaths paths;

    FilesRig(Path root) throws IOException {
        this.root = root;
        workspace = new Workspace(root, WorkspaceRig.FILE_BYTES, new SecureRandom());
        files = workspace.undo();
        paths = new HostPaths(Map.of("workspace", root));
    }

    static JsonObject path(String path) {
        return JsonObject.with("path", path).build();
    }

    static JsonObject paths(String... paths) {
        return JsonObject.with("paths", JsonArray.ofTexts(List.of(paths))).build();
    }

    static JsonObject move(String from, String to) {
        return JsonObject.with("from", from).with("to", to).build();
    }

    PathFacts facts(JsonObject target) {
        return paths.resolve(LOOK, target);
    }

    JsonObject schema() {
        return files.target();
    }

    Compensator.Look look(JsonObject target) throws IOException {
        return look(target, facts(target));
    }

    Compensator.Look look(JsonObject target, PathFacts facts) throws IOException {
        return files.look(target, facts);
    }

    Compensator.Look.Seen sees(JsonObject target) throws IOException {
        if (look(target) instanceof Compensator.Look.Seen seen) return seen;
        throw new AssertionError("not seen: " + look(target));
    }

    /// Why it cannot be taken back.
    String unfit(JsonObject target) throws IOException {
        if (look(target) instanceof Compensator.Look.Unfit(var kind, String why)) return why;
        throw new AssertionError("seen: " + look(target));
    }

    Compensator.Restored restore(JsonObject target, Compensator.Look.Seen before, String expect) throws IOException {
        return restore(target, before.state(), expect, facts(target));
    }

    Compensator.Restored restore(JsonObject target, JsonObject state, String expect, PathFacts facts)
            throws IOException {
        return files.restore(target, state, expect, new CallId("call_undo"), facts);
    }

    /// Something that is done to files.
    interface Deed {
        void run() throws IOException;
    }

    /// Does it and takes it back: the tree is another one in between, and then what it was.
    void undoes(JsonObject target, Deed deed) throws IOException {
        var before = tree();
        var seen = sees(target);
        deed.run();
        var after = tree();
        if (after.equals(before)) throw new AssertionError("nothing was done");
        var restored = restore(target, seen, sees(target).version());
        if (!restored.equals(new Compensator.Restored.Done())) throw new AssertionError("not put back: " + restored);
        if (!tree().equals(before)) throw new AssertionError("was " + before + "\nand is " + tree());
        if (!sees(target).equals(seen)) throw new AssertionError("was " + seen + "\nand is " + sees(target));
    }

    /// All that is below the root, by path; without the times of directories.
    SortedMap<String, String> tree() throws IOException {
        return tree(root);
    }

    static SortedMap<String, String> tree(Path root) throws IOException {
        var tree = new TreeMap<String, String>();
        try (var walk = Files.walk(root)) {
            for (Path path : walk.toList()) tree.put(root.relativize(path).toString(), line(path));
        }
        return tree;
    }

    private static String line(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) return "-> " + Files.readSymbolicLink(path);
        var found = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String access = PosixFilePermissions.toString(found.permissions()) + ' ' + found.owner() + ' ' + found.group();
        if (!found.isRegularFile()) return access;
        return access
                + ' '
                + found.lastModifiedTime().toInstant()
                + ' '
                + Base64.getEncoder().encodeToString(Files.readAllBytes(path));
    }

    @Override
    public void close() throws IOException {
        files.close();
        workspace.close();
    }
}
