package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Control groups below the guard's own, one for each sandbox and controller: limits of all its processes together.
/// Version 1 as root; version 2 where the guard's group, or the one above it, hands on `memory` and `pids`.
final class ControlGroups {
    private static final String PREFIX = "guardrail-";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(2);

    private final List<Parent> parents;

    /// Where groups can be made, and what they bound.
    private record Parent(Path directory, boolean first, Set<Property> bounds) {}

    private ControlGroups(List<Parent> parents) {
        this.parents = List.copyOf(parents);
    }

    /// @param mount where the file systems of control groups are, usually `/sys/fs/cgroup`
    /// @param own text of `/proc/self/cgroup`
    static ControlGroups find(Path mount, String own) {
        var parents = new ArrayList<Parent>();
        for (String line : own.lines().toList()) {
            String[] parts = line.split(":", 3);
            if (parts.length != 3) continue;
            switch (parts[1]) {
                case "memory" -> first(mount, parts, Property.TREE_MEMORY).ifPresent(parents::add);
                case "pids" -> first(mount, parts, Property.TREE_PIDS).ifPresent(parents::add);
                case "" -> second(mount, parts[2]).ifPresent(parents::add);
                default -> {}
            }
        }
        return new ControlGroups(parents);
    }

    /// The guard's own on this machine; none where there are none that it may use.
    static ControlGroups here() {
        try {
            return find(Path.of("/sys/fs/cgroup"), Files.readString(Path.of("/proc/self/cgroup")));
        } catch (IOException none) {
            return new ControlGroups(List.of());
        }
    }

    private static Optional<Parent> first(Path mount, String[] parts, Property bounds) {
        Path root = mount.resolve(parts[1]);
        Path own = below(root, parts[2]);
        Path directory = Files.isDirectory(own) ? own : root;
        return Files.isWritable(directory)
                ? Optional.of(new Parent(directory, true, EnumSet.of(bounds)))
                : Optional.empty();
    }

    private static Optional<Parent> second(Path mount, String path) {
        Path root = Files.exists(mount.resolve("cgroup.controllers")) ? mount : mount.resolve("unified");
        Path own = below(root, path);
        return Stream.of(own, own.equals(root) ? own : own.resolveSibling("."))
                .map(Path::normalize)
                .flatMap(directory -> handing(directory).stream())
                .findFirst();
    }

    private static Optional<Parent> handing(Path directory) {
        try {
            var handed = Arrays.asList(Files.readString(directory.resolve("cgroup.subtree_control"))
                    .strip()
                    .split(" "));
            var bounds = EnumSet.noneOf(Property.class);
            if (handed.contains("memory")) bounds.add(Property.TREE_MEMORY);
            if (handed.contains("pids")) bounds.add(Property.TREE_PIDS);
            return bounds.isEmpty()
                            || !Files.isWritable(directory)
                            || !Files.isWritable(directory.resolve("cgroup.procs"))
                    ? Optional.empty()
                    : Optional.of(new Parent(directory, false, bounds));
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private static Path below(Path root, String path) {
        return root.resolve(path.substring(Math.min(1, path.length()))).normalize();
    }

    /// What may be bounded; whether it is shows when it is tried.
    Set<Property> bounds() {
        var bounds = EnumSet.noneOf(Property.class);
        for (Parent parent : parents) bounds.addAll(parent.bounds());
        return bounds;
    }

    /// Where the groups of a sandbox are, made or not.
    List<Path> of(String id) {
        return parents.stream()
                .map(parent -> parent.directory().resolve(PREFIX + id))
                .toList();
    }

    /// Makes the groups of a sandbox. A crash leaves some of them, empty.
    void make(String id, Profile.Limits limits) throws IOException {
        for (Parent parent : parents) {
            Path group = Files.createDirectory(parent.directory().resolve(PREFIX + id));
            if (parent.bounds().contains(Property.TREE_MEMORY)) {
                String bytes = Long.toString(limits.memoryBytes());
                if (parent.first()) {
                    write(group.resolve("memory.limit_in_bytes"), bytes);
                    writeIfThere(group.resolve("memory.memsw.limit_in_bytes"), bytes);
                } else {
                    write(group.resolve("memory.max"), bytes);
                    writeIfThere(group.resolve("memory.swap.max"), "0");
                    writeIfThere(group.resolve("memory.oom.group"), "1");
                }
            }
            // The sandbox's own two processes come on top.
            if (parent.bounds().contains(Property.TREE_PIDS))
                write(group.resolve("pids.max"), Integer.toString(limits.pids() + 2));
        }
    }

    private static void writeIfThere(Path file, String text) throws IOException {
        if (Files.exists(file)) write(file, text);
    }

    private static void write(Path file, String text) throws IOException {
        Files.write(file, text.getBytes(StandardCharsets.US_ASCII));
    }

    /// True where the kernel ended a process of the sandbox since its memory was used up.
    boolean killedForMemory(String id) throws IOException {
        for (Path group : of(id))
            for (String name : List.of("memory.oom_control", "memory.events")) {
                Path events = group.resolve(name);
                if (Files.exists(events)
                        && Files.readString(events)
                                .lines()
                                .anyMatch(line -> line.startsWith("oom_kill ") && !line.endsWith(" 0"))) return true;
            }
        return false;
    }

    /// Ends what is left in groups and takes them away; those that are not there are none.
    static void remove(List<Path> groups) throws IOException {
        for (Path group : groups) remove(group);
    }

    private static void remove(Path group) throws IOException {
        long begin = System.nanoTime();
        while (Files.isDirectory(group)) {
            for (String process : Files.readAllLines(group.resolve("cgroup.procs")))
                ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
            try {
                Files.delete(group);
            } catch (IOException busy) {
                // The kernel takes a moment to forget what has ended.
                if (System.nanoTime() - begin > PATIENCE.toNanos()) throw busy;
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before a control group was gone", hurried);
        }
    }
}
