package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What the rules of a snapshot ignore, whatever the rules are now.
record Ignored(Git git, Objects objects) {
    /// No path begins with what git would take for more than a path.
    private static final String HERE = "./";

    private static final String RULES = ".gitignore";

    /// @param paths of files, and of directories with `/` at their end
    Set<String> among(Set<String> paths, Snapshot snapshot) throws IOException {
        if (paths.isEmpty()) return Set.of();
        Path scratch = Files.createTempDirectory("guardrail-git-");
        try {
            lay(scratch, paths, snapshot);
            byte[] input = (HERE + String.join("\0" + HERE, paths) + "\0").getBytes(UTF_8);
            var answer = git.beside(scratch, input, "check-ignore", "--no-index", "-z", "--stdin");
            if (answer.code() > 1) throw new IOException("`git check-ignore` failed: " + answer.complaint());
            var ignored = new HashSet<String>();
            for (String path : Git.split(answer.bytes())) ignored.add(path.substring(HERE.length()));
            return ignored;
        } finally {
            remove(scratch);
        }
    }

    /// A work tree of rules, and of directories, which some rules are about.
    private void lay(Path scratch, Set<String> paths, Snapshot snapshot) throws IOException {
        for (var each : snapshot.items().entrySet()) {
            if (!isRules(each.getKey()) || each.getValue().kind() != Item.Kind.FILE) continue;
            Path copy = scratch.resolve(each.getKey());
            Files.createDirectories(copy.getParent());
            Files.write(copy, objects.bytes(each.getValue().oid()));
        }
        for (String path : paths) if (path.endsWith("/")) Files.createDirectories(scratch.resolve(path));
    }

    private static boolean isRules(String path) {
        return path.equals(RULES) || path.endsWith("/" + RULES);
    }

    /// True where both have the same rules.
    static boolean isSame(Snapshot one, Snapshot other) {
        return rules(one).equals(rules(other));
    }

    private static Map<String, Item> rules(Snapshot snapshot) {
        var rules = new TreeMap<>(snapshot.items());
        rules.keySet().removeIf(path -> !isRules(path));
        return rules;
    }

    private static void remove(Path scratch) throws IOException {
        try (var below = Files.walk(scratch)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
