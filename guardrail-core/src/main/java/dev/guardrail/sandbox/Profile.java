package dev.guardrail.sandbox;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a process may read, write, reach and use. It is a requirement: what cannot be carried out refuses, and nothing
/// of it is left out quietly.
///
/// @param require what the backend must have proven
public record Profile(
        String name, Reach files, Network network, Limits limits, Environment environment, Set<Property> require) {
    public Profile {
        require = Set.copyOf(require);
    }

    /// Stands for the directory that a command is started for, wherever that lies.
    public static final String WORKSPACE = ".";

    /// Which of the host's files it sees.
    ///
    /// @param read absolute paths, or [#WORKSPACE], with all below them
    /// @param tmpBytes size of a `/tmp` of its own, which ends with it
    public record Reach(List<String> read, List<Write> write, long tmpBytes) {
        public Reach {
            read = List.copyOf(read);
            write = List.copyOf(write);
        }
    }

    /// A directory that it may write in.
    ///
    /// @param path absolute, or [#WORKSPACE]
    /// @param protect names below it, parts divided by `/`, that it neither changes, moves, replaces nor makes
    public record Write(String path, List<String> protect) {
        public Write {
            protect = List.copyOf(protect);
        }
    }

    /// It reaches nothing beyond itself.
    ///
    /// @param unix true where its own processes may use Unix sockets with names; those in a directory
    ///     that it sees are reachable then, whoever listens there
    public record Network(boolean unix) {}

    /// How much it may use.
    ///
    /// @param cpu of any one process
    /// @param wall of all of it
    /// @param memoryBytes of all its processes together, where [Property#TREE_MEMORY] is proven, else of each
    /// @param pids processes and threads at once
    /// @param fileBytes of any one file that it writes
    /// @param outputBytes that are taken from it
    /// @param openFiles of any one process
    public record Limits(
            Duration cpu, Duration wall, long memoryBytes, int pids, long fileBytes, long outputBytes, int openFiles) {}

    /// Variables that it is given; it inherits no other.
    ///
    /// @param pass names of variables whose values are handed on
    public record Environment(Set<String> pass, Map<String, String> set) {
        public Environment {
            pass = Set.copyOf(pass);
            set = Map.copyOf(set);
        }
    }

    /// All of it in one canonical form.
    public JsonObject source() {
        var writes = files.write().stream()
                .<Json>map(write -> JsonObject.with("path", write.path())
                        .with("protect", JsonArray.ofTexts(write.protect()))
                        .build())
                .toList();
        var set = JsonObject.builder();
        new TreeMap<>(environment.set()).forEach(set::with);
        return JsonObject.with("name", name)
                .with("read", JsonArray.ofTexts(files.read()))
                .with("write", new JsonArray(writes))
                .with("tmp", files.tmpBytes())
                .with("unix", network.unix())
                .with("cpu", limits.cpu().toMillis())
                .with("wall", limits.wall().toMillis())
                .with("memory", limits.memoryBytes())
                .with("pids", limits.pids())
                .with("file", limits.fileBytes())
                .with("output", limits.outputBytes())
                .with("openFiles", limits.openFiles())
                .with("pass", JsonArray.ofTexts(List.copyOf(new TreeSet<>(environment.pass()))))
                .with("set", set.build())
                .with(
                        "require",
                        JsonArray.ofTexts(
                                require.stream().sorted().map(Property::text).toList()))
                .build();
    }

    public Sha256 digest() {
        return Sha256.of(source());
    }
}
